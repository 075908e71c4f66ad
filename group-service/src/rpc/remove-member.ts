import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { RemoveMemberRequest } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { requireCaller } from '../access.ts';
import type { GroupContext } from '../context.ts';
import { requireMayGo } from '../domain/who-may-leave.ts';
import { requireMayRemove } from '../domain/who-may-remove.ts';
import { dropMember } from '../drop-member.ts';
import { changeGroup } from '../group-change.ts';
import { findMember } from '../store/member.ts';

/**
 * Removes a member whom the caller is above, or lets the caller leave; on return
 * they can no longer send. Who is no member is gone already: a leading member
 * may say it again. GROUP_NOT_FOUND, ROLE_REQUIRED, OWNER_MUST_TRANSFER.
 */
export async function removeMember(
  context: GroupContext,
  { groupId, uid: targetUid }: RemoveMemberRequest,
  ctx: CallContext,
): Promise<Record<string, never>> {
  const { uid } = callerUser(ctx);
  await changeGroup(context, { groupId }, ctx, async (change) => {
    const caller = await requireCaller(change, uid);
    if (targetUid === uid) {
      requireMayGo(caller.role);
      await dropMember(change, { member: caller, actorUid: uid });
      return;
    }
    const target = await findMember(change.trx, groupId, targetUid);
    requireMayRemove(caller.role, target?.role ?? Role.MEMBER);
    if (target) await dropMember(change, { member: target, actorUid: uid });
  });
  return {};
}
