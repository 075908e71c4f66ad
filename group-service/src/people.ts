import { ImError } from '@im/common/errors/im-error.ts';
import type { User } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { GroupContext } from './context.ts';
import { requireInvitable } from './domain/who-may-be-invited.ts';

export type Users = ReadonlyMap<string, User>;

/** These people (at most 200), who must exist: USER_NOT_FOUND. Fails while user-service is away. */
export async function requireUsers(
  context: GroupContext,
  uids: readonly string[],
  ctx: CallContext,
): Promise<Users> {
  if (uids.length === 0) return new Map();
  const { users } = await context.users.batchGetUsers({ uids: [...uids] }, { within: ctx });
  const known = new Map(users.map((user) => [user.uid, user]));
  const unknown = uids.find((uid) => !known.has(uid));
  if (unknown !== undefined) throw new ImError('USER_NOT_FOUND', 'there is no such user', { uid: unknown });
  return known;
}

/** The users of a page; none at all when user-service does not answer, since the list is worth having without. */
export async function usersByUid(
  context: GroupContext,
  uids: readonly string[],
  ctx: CallContext,
): Promise<Users> {
  try {
    return await context.people.getMany(uids);
  } catch (error) {
    ctx.log.warn({ err: error }, 'members are listed without their users');
    return new Map();
  }
}

/**
 * Refuses where `uid` may not bring all of these people (at most 200) into a
 * group: USER_NOT_FOUND, INVITE_NOT_ALLOWED. Fails while user-service or
 * friend-service is away.
 */
export async function requireMayInvite(
  context: GroupContext,
  uid: string,
  others: readonly string[],
  ctx: CallContext,
): Promise<Users> {
  if (others.length === 0) return new Map();
  const users = await requireUsers(context, others, ctx);
  const { relations } = await context.friends.batchGetRelations(
    { uid, otherUids: [...others] },
    { within: ctx },
  );
  requireInvitable(relations, context.config.directMessages);
  return users;
}
