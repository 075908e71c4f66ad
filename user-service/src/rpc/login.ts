import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { LoginRequest, LoginResponseSchema } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { appendOutbox } from '@im/common/model/outbox.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { checkPassword } from '../check-password.ts';
import type { UserContext } from '../context.ts';
import { revokeRow } from '../domain/outbox-rows.ts';
import { ownUser } from '../domain/user-view.ts';
import { foldUsername } from '../domain/username.ts';
import { handOver } from '../hand-over.ts';
import { type Account, findAccount, findByUsername, renewPasswordHash } from '../store/account.ts';

/** Opens the session of a device whose owner knows the password. */
export async function login(
  context: UserContext,
  { username, password, device }: LoginRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof LoginResponseSchema>> {
  const foldedName = foldUsername(username);
  const account = await findByUsername(context.database.read, foldedName);
  const right = await checkPassword(context, { account, foldedName, password }, ctx);
  if (!account || !right) throw badCredentials();
  // Only who knows the password learns that the account exists and is disabled.
  if (account.disabled) throw disabled();
  await renewOutdatedHash(context, account, password, ctx);
  const { tokens, session } = await context.auth.createSession(
    { uid: account.uid, device, address: ctx.clientAddress },
    { within: ctx },
  );
  await refuseOvertaken(context, account, ctx);
  return { user: ownUser(account), tokens, session };
}

/** Hashes the password anew where the configured cost is another than its hash's. */
async function renewOutdatedHash(
  { passwords, database }: UserContext,
  account: Account,
  password: string,
  ctx: CallContext,
): Promise<void> {
  const from = account.password_hash;
  if (from === null || !passwords.isOutdated(from)) return;
  const to = await passwords.hash(password, ctx.signal);
  await database.transaction((trx) => renewPasswordHash(trx, account.uid, { from, to }));
}

/**
 * Refuses a login during which the password was changed or the account disabled:
 * that change ended the sessions of before, and this one may have come after.
 */
async function refuseOvertaken(context: UserContext, checked: Account, ctx: CallContext): Promise<void> {
  const account = await findAccount(context.database.read, checked.uid);
  if (account?.credential_no === checked.credential_no) return;
  const reason = account?.disabled ? SignOutReason_Value.DISABLED : SignOutReason_Value.PASSWORD_CHANGED;
  await context.database.transaction((trx) =>
    appendOutbox(trx, revokeRow(checked.uid, { reason, atMs: context.now() })),
  );
  await handOver(context, checked.uid, ['auth'], ctx);
  throw account?.disabled ? disabled() : badCredentials();
}

function badCredentials(): ImError {
  return new ImError('BAD_CREDENTIALS', 'username or password is wrong');
}

function disabled(): ImError {
  return new ImError('ACCOUNT_DISABLED', 'this account is disabled');
}
