import type { User } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { FriendContext } from './context.ts';

/** The users of a page; none at all when user-service does not answer, since the list is worth having without. */
export async function usersByUid(
  context: FriendContext,
  uids: readonly string[],
  ctx: CallContext,
): Promise<ReadonlyMap<string, User>> {
  try {
    return await context.people.getMany(uids);
  } catch (error) {
    ctx.log.warn({ err: error }, 'people are listed without their users');
    return new Map();
  }
}
