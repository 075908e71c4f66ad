import type { MessageInitShape } from '@bufbuild/protobuf';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type {
  SignOutUserRequest,
  SignOutUserResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { appendOutbox } from '@im/common/model/outbox.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { lockAccount } from '../account-access.ts';
import type { UserContext } from '../context.ts';
import { revokeRow } from '../domain/outbox-rows.ts';
import { handOver } from '../hand-over.ts';

/** Signs all devices of a user out. */
export async function signOutUser(
  context: UserContext,
  { uid }: SignOutUserRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof SignOutUserResponseSchema>> {
  await context.database.transaction(async (trx) => {
    await lockAccount(trx, uid);
    const revocation = { reason: SignOutReason_Value.REVOKED, atMs: context.now() };
    await appendOutbox(trx, revokeRow(uid, revocation));
  });
  await handOver(context, uid, ['auth'], ctx);
  return {};
}
