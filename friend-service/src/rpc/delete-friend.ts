import { ImError } from '@im/common/errors/im-error.ts';
import type { DeleteFriendRequest } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { FriendContext } from '../context.ts';
import { removalNotices } from '../domain/notices.ts';
import { handOver, noteForChat } from '../hand-over.ts';
import { wereEverFriends } from '../store/friend-request.ts';
import { deleteFriendship } from '../store/friendship.ts';

/**
 * Ends a friendship, for both. Again is harmless, so that an answer that got
 * lost can be asked for once more; FRIEND_NOT_FOUND for somebody who never was
 * a friend.
 */
export async function deleteFriend(
  context: FriendContext,
  { uid: other }: DeleteFriendRequest,
  ctx: CallContext,
): Promise<Record<string, never>> {
  const { uid } = callerUser(ctx);
  const known = await context.database.transaction(async (trx) => {
    if (!(await deleteFriendship(trx, uid, other))) return wereEverFriends(trx, uid, other);
    const at = context.now();
    await noteForChat(trx, removalNotices(uid, other, at), at);
    return true;
  });
  if (!known) throw new ImError('FRIEND_NOT_FOUND', 'there is no such friend of yours');
  await context.friendLists.forget([uid, other]);
  await handOver(context, [uid, other], ctx);
  return {};
}
