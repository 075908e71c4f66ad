import type { MessageInitShape } from '@bufbuild/protobuf';
import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import type {
  TransferGroupRequest,
  TransferGroupResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { requireCaller, requireTarget } from '../access.ts';
import type { GroupContext } from '../context.ts';
import { groupUpdated, memberUpdated } from '../domain/control-record.ts';
import { groupView } from '../domain/group-view.ts';
import { requireMayTransfer } from '../domain/who-may-transfer.ts';
import { changeGroup } from '../group-change.ts';
import { updateGroupFields } from '../store/grp.ts';
import { updateMemberFields } from '../store/member.ts';

/** Hands the group over to a member; its owner stays, as an admin. GROUP_NOT_FOUND, MEMBER_NOT_FOUND, ROLE_REQUIRED. */
export async function transferGroup(
  context: GroupContext,
  { groupId, uid: targetUid }: TransferGroupRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof TransferGroupResponseSchema>> {
  const { uid } = callerUser(ctx);
  const group = await changeGroup(context, { groupId }, ctx, async (change) => {
    const { trx, tell } = change;
    const caller = await requireCaller(change, uid);
    const target = await requireTarget(change, targetUid);
    if (!requireMayTransfer(caller.role, target.role)) return change.group;
    for (const [member, role] of [
      [target, Role.OWNER],
      [caller, Role.ADMIN],
    ] as const) {
      await updateMemberFields(trx, groupId, member.uid, { role });
      tell(uid, memberUpdated(member.uid, { role }));
    }
    await updateGroupFields(trx, groupId, { owner_uid: targetUid });
    const handedOver = { ...change.group, owner_uid: targetUid };
    tell(uid, groupUpdated(handedOver));
    return handedOver;
  });
  return { group: groupView(group) };
}
