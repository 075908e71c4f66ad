import type { FriendService } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import type { RpcHandlers } from '@im/common/rpc/types.ts';
import type { FriendContext } from '../context.ts';
import { acceptFriendRequest } from './accept-friend-request.ts';
import { batchGetRelations } from './batch-get-relations.ts';
import { cancelFriendRequest } from './cancel-friend-request.ts';
import { createBlock } from './create-block.ts';
import { createFriendRequest } from './create-friend-request.ts';
import { deleteBlock } from './delete-block.ts';
import { deleteFriend } from './delete-friend.ts';
import { listBlocks } from './list-blocks.ts';
import { listFriendRequests } from './list-friend-requests.ts';
import { listFriends } from './list-friends.ts';
import { rejectFriendRequest } from './reject-friend-request.ts';
import { updateFriend } from './update-friend.ts';

/** Everything the contract of FriendService names. */
export function friendHandlers(context: FriendContext): RpcHandlers<typeof FriendService> {
  return {
    createFriendRequest: (request, ctx) => createFriendRequest(context, request, ctx),
    listFriendRequests: (request, ctx) => listFriendRequests(context, request, ctx),
    acceptFriendRequest: (request, ctx) => acceptFriendRequest(context, request, ctx),
    rejectFriendRequest: (request, ctx) => rejectFriendRequest(context, request, ctx),
    cancelFriendRequest: (request, ctx) => cancelFriendRequest(context, request, ctx),
    listFriends: (request, ctx) => listFriends(context, request, ctx),
    updateFriend: (request, ctx) => updateFriend(context, request, ctx),
    deleteFriend: (request, ctx) => deleteFriend(context, request, ctx),
    listBlocks: (request, ctx) => listBlocks(context, request, ctx),
    createBlock: (request, ctx) => createBlock(context, request, ctx),
    deleteBlock: (request, ctx) => deleteBlock(context, request, ctx),
    batchGetRelations: (request) => batchGetRelations(context, request),
  };
}
