import { fromBinary } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import {
  type AuthService,
  RevokeUserSessionsRequestSchema,
} from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { sendToChat } from '@im/common/model/chat-relay.ts';
import type { OutboxRow } from '@im/common/model/outbox.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import { AUTH_KIND } from './domain/outbox-rows.ts';

/** How the relay hands a row over to the service it is for. */
export function sendOutboxRow(
  chat: RpcClient<typeof ChatService>,
  auth: RpcClient<typeof AuthService>,
): (row: OutboxRow) => Promise<void> {
  const toChat = sendToChat(chat);
  const toAuth = async (row: OutboxRow) => {
    await auth.revokeUserSessions(fromBinary(RevokeUserSessionsRequestSchema, row.payload));
  };
  return async (row) => {
    try {
      await (row.kind === AUTH_KIND ? toAuth(row) : toChat(row));
    } catch (error) {
      // One receiver away would hold up all topics, but the other may well be
      // there: a sign-out does not wait for chat-service.
      if (error instanceof ImError && error.status === 'UNAVAILABLE') {
        throw new Error(`the receiver of ${row.kind} rows is away`, { cause: error });
      }
      throw error;
    }
  };
}
