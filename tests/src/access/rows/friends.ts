import { FriendService } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { row } from '../row.ts';
import type { World } from '../world.ts';
import { ANY_USER } from './common.ts';

const friend = FriendService.method;

const toAnn = async ({ requestToAnn }: World) => ({ requestId: (await requestToAnn()).requestId });
const FRIENDS = { party: 'ok', another: 'FRIEND_NOT_FOUND' } as const;

/** Who asked answers for nobody. */
const NOT_THE_SENDER = {
  who: 'the sender of the request',
  attempt: async ({ requestToAnn }: World) => {
    const { from, requestId } = await requestToAnn();
    return { as: from, request: { requestId } };
  },
  reason: 'FRIEND_REQUEST_NOT_FOUND',
} as const;

export const FRIEND_ROWS = [
  row(friend.createFriendRequest, { users: ANY_USER, request: ({ stranger }) => ({ uid: stranger }) }),
  row(friend.listFriendRequests, { users: ANY_USER, request: () => ({}) }),
  row(friend.acceptFriendRequest, {
    users: { party: 'ok', another: 'FRIEND_REQUEST_NOT_FOUND' },
    request: toAnn,
    butNot: [NOT_THE_SENDER],
  }),
  row(friend.rejectFriendRequest, {
    users: { party: 'ok', another: 'FRIEND_REQUEST_NOT_FOUND' },
    request: toAnn,
    butNot: [NOT_THE_SENDER],
  }),
  row(friend.cancelFriendRequest, {
    users: { party: 'ok', another: 'FRIEND_REQUEST_NOT_FOUND' },
    request: async ({ requestOfAnn }) => ({ requestId: await requestOfAnn() }),
    butNot: [
      {
        who: 'the one it was sent to',
        attempt: async ({ ann, requestToAnn }) => ({
          as: ann,
          request: { requestId: (await requestToAnn()).requestId },
        }),
        reason: 'FRIEND_REQUEST_NOT_FOUND',
      },
    ],
  }),
  row(friend.listFriends, { users: ANY_USER, request: () => ({}) }),
  row(friend.updateFriend, {
    users: FRIENDS,
    request: ({ bob }) => ({ uid: bob.uid, remark: 'Bobby', updateMask: { paths: ['remark'] } }),
  }),
  row(friend.deleteFriend, { users: FRIENDS, request: ({ formerFriend }) => ({ uid: formerFriend }) }),
  row(friend.listBlocks, { users: ANY_USER, request: () => ({}) }),
  row(friend.createBlock, { users: ANY_USER, request: ({ stranger }) => ({ uid: stranger }) }),
  row(friend.deleteBlock, { users: ANY_USER, request: ({ stranger }) => ({ uid: stranger }) }),
  row(friend.batchGetRelations, {
    services: ['group-service'],
    request: ({ ann, bob }) => ({ uid: ann.uid, otherUids: [bob.uid] }),
  }),
];
