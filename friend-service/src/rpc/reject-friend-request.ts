import type { MessageInitShape } from '@bufbuild/protobuf';
import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import type {
  RejectFriendRequestRequest,
  RejectFriendRequestResponseSchema,
} from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { answerRequest } from '../answer-request.ts';
import type { FriendContext } from '../context.ts';
import { friendRequestOf } from '../domain/friend-request.ts';

/** Refuses a request addressed to the caller; its sender may ask again later. */
export async function rejectFriendRequest(
  context: FriendContext,
  { requestId }: RejectFriendRequestRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof RejectFriendRequestResponseSchema>> {
  const request = await answerRequest(context, { requestId, state: State.REJECTED }, ctx);
  return { request: friendRequestOf(request, callerUser(ctx).uid) };
}
