import type { MessageInitShape } from '@bufbuild/protobuf';
import { JoinRequestState_Value as State } from '@im/common/gen/im/group/v1/group_pb.ts';
import type {
  AcceptJoinRequestRequest,
  AcceptJoinRequestResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { GroupContext } from '../context.ts';
import { decideJoinRequest } from '../decide-join-request.ts';
import { joinRequestView } from '../domain/join-request-view.ts';

/** Lets who asked into the group. */
export async function acceptJoinRequest(
  context: GroupContext,
  { groupId, requestId }: AcceptJoinRequestRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof AcceptJoinRequestResponseSchema>> {
  const request = await decideJoinRequest(context, { groupId, requestId, state: State.ACCEPTED }, ctx);
  return { request: joinRequestView(request) };
}
