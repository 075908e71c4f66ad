import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { RevokeUserSessionsRequestSchema } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { ControlRecordSchema } from '@im/common/gen/im/chat/v1/control_pb.ts';
import type { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { chatOutboxRow } from '@im/common/model/chat-relay.ts';
import { noticeConversationId } from '@im/common/utils/conversation-id.ts';

/** What a record says. */
export type RecordKind = MessageInitShape<typeof ControlRecordSchema>['kind'];

/** Rows of this kind are a binary RevokeUserSessionsRequest for auth-service. */
export const AUTH_KIND = 'auth';

/** The topic of what auth-service is told of an account. */
export function authTopic(uid: string): string {
  return `auth:${uid}`;
}

/** Tells chat-service of an account, in the account's own notices. `atMs`: milliseconds since 1970. */
export function chatRow(uid: string, kinds: readonly RecordKind[], atMs: number) {
  // The person did it to their own account; who asked for it is nobody's business.
  const records = kinds.map((kind) => ({ actorUid: uid, at: new Date(atMs).toISOString(), kind }));
  return { ...chatOutboxRow(noticeConversationId(uid), records), at: atMs };
}

/** Ends the sessions that an account has at `atMs`, but for `exceptSessionId`. */
export function revokeRow(
  uid: string,
  revocation: { reason: SignOutReason_Value; atMs: number; exceptSessionId?: string },
) {
  const { reason, atMs, exceptSessionId } = revocation;
  const request = create(RevokeUserSessionsRequestSchema, {
    uid,
    reason,
    exceptSessionId,
    // A session of the same millisecond may be the older one, so it ends too.
    createdBefore: new Date(atMs + 1).toISOString(),
  });
  const payload = toBinary(RevokeUserSessionsRequestSchema, request);
  return { topic: authTopic(uid), kind: AUTH_KIND, payload, at: atMs };
}
