import type { CallContext } from '@im/common/rpc/context.ts';
import type { UserContext } from './context.ts';
import { accountThrottleKey, addressThrottleKey, nameThrottleKey } from './domain/throttle-key.ts';
import { admitAttempt } from './login-throttle.ts';
import type { Account } from './store/account.ts';

/**
 * Whether the password is the account's. Takes the same steps, and so the same
 * time, when there is no account of that name or it has no password. Throws
 * LOGIN_THROTTLED after too many failures of the account or the address.
 */
export async function checkPassword(
  context: UserContext,
  claim: { account: Account | undefined; foldedName: string; password: string },
  ctx: CallContext,
): Promise<boolean> {
  const { account, foldedName, password } = claim;
  const attempt = await admitAttempt(context, {
    account: account ? accountThrottleKey(account.uid) : nameThrottleKey(foldedName),
    address: addressThrottleKey(ctx.clientAddress),
  });
  let right: boolean;
  try {
    right = await context.passwords.verify(password, account?.password_hash, ctx.signal);
  } catch (error) {
    await attempt.takeBack();
    throw error;
  }
  if (right) await attempt.succeeded();
  return right;
}
