import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  CreateGroupRequest,
  CreateGroupResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { GroupContext } from '../context.ts';
import { groupView } from '../domain/group-view.ts';
import { foundGroup, parseFounding } from '../found-group.ts';
import { requireMayInvite } from '../people.ts';

/** Makes a group of the caller, its owner, and people whom they may invite. USER_NOT_FOUND, INVITE_NOT_ALLOWED, GROUP_FULL, INVALID_FIELD. */
export async function createGroup(
  context: GroupContext,
  request: CreateGroupRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof CreateGroupResponseSchema>> {
  const { uid } = callerUser(ctx);
  const names = parseFounding(request);
  const memberUids = [...new Set(request.memberUids)].filter((member) => member !== uid);
  await requireMayInvite(context, uid, memberUids, ctx);
  const group = await foundGroup(context, { ...names, ownerUid: uid, memberUids, actorUid: uid }, ctx);
  return { group: groupView(group) };
}
