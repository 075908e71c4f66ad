import type { AdminRemoveMemberRequest } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { GroupContext } from '../context.ts';
import { SYSTEM_UID } from '../domain/control-record.ts';
import { requireMayGo } from '../domain/who-may-leave.ts';
import { dropMember } from '../drop-member.ts';
import { changeGroup } from '../group-change.ts';
import { findMember } from '../store/member.ts';

/** Removes anybody but the owner; who is no member is gone already. GROUP_NOT_FOUND, OWNER_MUST_TRANSFER. */
export async function adminRemoveMember(
  context: GroupContext,
  { groupId, uid }: AdminRemoveMemberRequest,
  ctx: CallContext,
): Promise<Record<string, never>> {
  await changeGroup(context, { groupId }, ctx, async (change) => {
    const member = await findMember(change.trx, groupId, uid);
    if (!member) return;
    requireMayGo(member.role);
    await dropMember(change, { member, actorUid: SYSTEM_UID });
  });
  return {};
}
