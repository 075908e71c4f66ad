import { ImError } from '@im/common/errors/im-error.ts';

/** How the one who invites stands to somebody. */
export interface Relation {
  readonly friends: boolean;
  readonly blockedByOther: boolean;
}

/**
 * Friends of the one who invites, or anyone, and never who blocked them. One
 * answer for all, which does not say whom it is about, so that a block does not
 * show; throws INVITE_NOT_ALLOWED.
 */
export function requireInvitable(relations: readonly Relation[], directMessages: 'friends' | 'anyone'): void {
  const refused = relations.some(
    ({ friends, blockedByOther }) => blockedByOther || (directMessages === 'friends' && !friends),
  );
  if (refused) throw new ImError('INVITE_NOT_ALLOWED', 'you may not invite all of these people');
}
