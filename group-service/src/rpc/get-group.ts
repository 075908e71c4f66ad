import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetGroupRequest, GetGroupResponseSchema } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { requireGroup } from '../access.ts';
import type { GroupContext } from '../context.ts';
import { groupView, outsideView } from '../domain/group-view.ts';
import { findMember } from '../store/member.ts';

/** The group, to others than members only what they need to join, where they may. GROUP_NOT_FOUND. */
export async function getGroup(
  { database }: GroupContext,
  { groupId }: GetGroupRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof GetGroupResponseSchema>> {
  const { uid } = callerUser(ctx);
  return database.snapshot(async (trx) => {
    const group = await requireGroup(trx, groupId);
    const member = await findMember(trx, groupId, uid);
    return { group: member ? groupView(group) : outsideView(group) };
  });
}
