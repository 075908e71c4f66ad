import { ImError } from '@im/common/errors/im-error.ts';

/** What decides whether somebody may write to somebody. */
export interface DirectPolicy {
  readonly friends: boolean;
  /** Whoever is written to has blocked the sender. */
  readonly blocked: boolean;
}

export interface Account {
  readonly disabled: boolean;
  readonly closed: boolean;
}

/**
 * A sender who is not a friend is refused, unless anyone may write to anyone.
 * One answer for not friends, blocked, disabled and closed, so that a block
 * never shows.
 */
export function requireDirectAllowed(
  policy: DirectPolicy,
  accounts: readonly Account[],
  directMessages: 'friends' | 'anyone',
): void {
  const away = accounts.some((account) => account.disabled || account.closed);
  const friendMissing = directMessages === 'friends' && !policy.friends;
  if (policy.blocked || away || friendMissing) {
    throw new ImError('DIRECT_NOT_ALLOWED', 'you may not write to this user');
  }
}
