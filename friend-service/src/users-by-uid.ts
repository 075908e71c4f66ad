import type { User } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { FriendContext } from './context.ts';

/** The users of a page; none at all when user-service does not answer, since the list is worth having without. */
export async function usersByUid(
  context: FriendContext,
  uids: string[],
  ctx: CallContext,
): Promise<Map<string, User>> {
  if (uids.length === 0) return new Map();
  try {
    const { users } = await context.users.batchGetUsers({ uids }, { within: ctx });
    return new Map(users.map((user) => [user.uid, user]));
  } catch (error) {
    ctx.log.warn({ err: error }, 'people are listed without their users');
    return new Map();
  }
}
