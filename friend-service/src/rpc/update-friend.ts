import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError, invalidField } from '@im/common/errors/im-error.ts';
import type {
  UpdateFriendRequest,
  UpdateFriendResponseSchema,
} from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { FriendContext } from '../context.ts';
import { friendOf } from '../domain/friend.ts';
import { parseRemark } from '../domain/remark.ts';
import { findFriendship, updateRemark } from '../store/friendship.ts';
import { usersByUid } from '../users-by-uid.ts';

/** Sets or clears the caller's own name for a friend, whom nobody tells. FRIEND_NOT_FOUND, EMPTY_PATCH, INVALID_FIELD. */
export async function updateFriend(
  context: FriendContext,
  request: UpdateFriendRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof UpdateFriendResponseSchema>> {
  const { uid } = callerUser(ctx);
  const paths = request.updateMask?.paths ?? [];
  if (paths.length === 0) throw new ImError('EMPTY_PATCH', 'name at least one field to change');
  const unknown = paths.find((path) => path !== 'remark');
  if (unknown !== undefined) throw invalidField('updateMask', `${unknown} cannot be changed here`);
  const remark = parseRemark(request.remark ?? '');
  const friendship = await context.database.transaction(async (trx) => {
    await updateRemark(trx, uid, request.uid, remark);
    return findFriendship(trx, uid, request.uid);
  });
  if (!friendship) throw new ImError('FRIEND_NOT_FOUND', 'there is no such friend of yours');
  await context.friendLists.forget([uid]);
  const users = await usersByUid(context, [request.uid], ctx);
  return { friend: friendOf(friendship, users.get(request.uid)) };
}
