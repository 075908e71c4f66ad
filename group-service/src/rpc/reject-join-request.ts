import type { MessageInitShape } from '@bufbuild/protobuf';
import { JoinRequestState_Value as State } from '@im/common/gen/im/group/v1/group_pb.ts';
import type {
  RejectJoinRequestRequest,
  RejectJoinRequestResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { GroupContext } from '../context.ts';
import { decideJoinRequest } from '../decide-join-request.ts';
import { joinRequestView } from '../domain/join-request-view.ts';

/** Refuses who asked to join; they may ask again. */
export async function rejectJoinRequest(
  context: GroupContext,
  { groupId, requestId }: RejectJoinRequestRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof RejectJoinRequestResponseSchema>> {
  const request = await decideJoinRequest(context, { groupId, requestId, state: State.REJECTED }, ctx);
  return { request: joinRequestView(request) };
}
