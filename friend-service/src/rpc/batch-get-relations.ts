import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  BatchGetRelationsRequest,
  BatchGetRelationsResponseSchema,
} from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import type { FriendContext } from '../context.ts';
import { blockersAmong } from '../store/block.ts';
import { friendsAmong } from '../store/friendship.ts';

/** How a user stands to others, one answer for each asked for, in that order. Those who are not there are no friends. */
export async function batchGetRelations(
  { database }: FriendContext,
  { uid, otherUids }: BatchGetRelationsRequest,
): Promise<MessageInitShape<typeof BatchGetRelationsResponseSchema>> {
  const { friends, blockers } = await database.snapshot(async (trx) => ({
    friends: await friendsAmong(trx, uid, otherUids),
    blockers: await blockersAmong(trx, uid, otherUids),
  }));
  return {
    relations: otherUids.map((otherUid) => ({
      otherUid,
      friends: friends.has(otherUid),
      blockedByOther: blockers.has(otherUid),
    })),
  };
}
