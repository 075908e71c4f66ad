import type { MessageInitShape } from '@bufbuild/protobuf';
import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import type {
  AcceptFriendRequestRequest,
  AcceptFriendRequestResponseSchema,
} from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { answerRequest } from '../answer-request.ts';
import type { FriendContext } from '../context.ts';
import { friendRequestOf } from '../domain/friend-request.ts';

/** Makes the caller and the sender of a request to them friends. */
export async function acceptFriendRequest(
  context: FriendContext,
  { requestId }: AcceptFriendRequestRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof AcceptFriendRequestResponseSchema>> {
  const request = await answerRequest(context, { requestId, state: State.ACCEPTED }, ctx);
  return { request: friendRequestOf(request, callerUser(ctx).uid) };
}
