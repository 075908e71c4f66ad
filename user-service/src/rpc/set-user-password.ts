import type { MessageInitShape } from '@bufbuild/protobuf';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type {
  SetUserPasswordRequest,
  SetUserPasswordResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { appendOutbox } from '@im/common/model/outbox.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { lockAccount, requireAccount } from '../account-access.ts';
import type { UserContext } from '../context.ts';
import { revokeRow } from '../domain/outbox-rows.ts';
import { handOver } from '../hand-over.ts';
import { updatePassword } from '../store/account.ts';

/** Sets a user's password without asking for the old one, and signs all their devices out. */
export async function setUserPassword(
  context: UserContext,
  { uid, newPassword }: SetUserPasswordRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof SetUserPasswordResponseSchema>> {
  await requireAccount(context.database.read, uid);
  const passwordHash = await context.passwords.hash(newPassword, ctx.signal);
  await context.database.transaction(async (trx) => {
    await lockAccount(trx, uid);
    await updatePassword(trx, uid, passwordHash);
    const revocation = { reason: SignOutReason_Value.PASSWORD_CHANGED, atMs: context.now() };
    await appendOutbox(trx, revokeRow(uid, revocation));
  });
  await handOver(context, uid, ['auth'], ctx);
  return {};
}
