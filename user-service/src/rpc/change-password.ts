import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type {
  ChangePasswordRequest,
  ChangePasswordResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { appendOutbox } from '@im/common/model/outbox.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { lockAccount, requireAccount } from '../account-access.ts';
import { checkPassword } from '../check-password.ts';
import type { UserContext } from '../context.ts';
import { revokeRow } from '../domain/outbox-rows.ts';
import { handOver } from '../hand-over.ts';
import { updatePassword } from '../store/account.ts';

/** Sets the caller's new password and signs their other devices out. */
export async function changePassword(
  context: UserContext,
  { oldPassword, newPassword }: ChangePasswordRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof ChangePasswordResponseSchema>> {
  const { uid, sessionId } = callerUser(ctx);
  const account = await requireAccount(context.database.read, uid);
  const claim = { account, foldedName: account.username ?? '', password: oldPassword };
  if (!(await checkPassword(context, claim, ctx))) throw badCredentials();
  const passwordHash = await context.passwords.hash(newPassword, ctx.signal);
  await context.database.transaction(async (trx) => {
    const locked = await lockAccount(trx, uid);
    // Changed by somebody else meanwhile: what was checked is the old password no more.
    if (locked.credential_no !== account.credential_no) throw badCredentials();
    await updatePassword(trx, uid, passwordHash);
    const revocation = {
      reason: SignOutReason_Value.PASSWORD_CHANGED,
      atMs: context.now(),
      exceptSessionId: sessionId,
    };
    await appendOutbox(trx, revokeRow(uid, revocation));
  });
  await handOver(context, uid, ['auth'], ctx);
  return {};
}

function badCredentials(): ImError {
  return new ImError('BAD_CREDENTIALS', 'the old password is wrong');
}
