import type { FriendService } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import type { RpcHandlers } from '@im/common/rpc/types.ts';
import type { FriendContext } from '../context.ts';
import { acceptFriendRequest } from './accept-friend-request.ts';
import { createFriendRequest } from './create-friend-request.ts';
import { listFriendRequests } from './list-friend-requests.ts';
import { listFriends } from './list-friends.ts';
import { rejectFriendRequest } from './reject-friend-request.ts';

/** Everything the contract of FriendService names. */
export function friendHandlers(context: FriendContext): RpcHandlers<typeof FriendService> {
  return {
    createFriendRequest: (request, ctx) => createFriendRequest(context, request, ctx),
    listFriendRequests: (request, ctx) => listFriendRequests(context, request, ctx),
    acceptFriendRequest: (request, ctx) => acceptFriendRequest(context, request, ctx),
    rejectFriendRequest: (request, ctx) => rejectFriendRequest(context, request, ctx),
    listFriends: (request, ctx) => listFriends(context, request, ctx),
  };
}
