import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  UpdateMemberRequest,
  UpdateMemberResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { requireCaller, requireTarget } from '../access.ts';
import type { GroupContext } from '../context.ts';
import { changedFields } from '../domain/changed-fields.ts';
import { memberUpdated } from '../domain/control-record.ts';
import { memberFieldsOf } from '../domain/member-fields.ts';
import { changeGroup } from '../group-change.ts';
import { membersOf } from '../members-of.ts';
import { updateMemberFields } from '../store/member.ts';

/**
 * Changes a member's role (by the owner), mute (by those above them) or nickname
 * (by those above them and by themselves). GROUP_NOT_FOUND, MEMBER_NOT_FOUND,
 * ROLE_REQUIRED, OWNER_MUST_TRANSFER, EMPTY_PATCH, INVALID_FIELD.
 */
export async function updateMember(
  context: GroupContext,
  request: UpdateMemberRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof UpdateMemberResponseSchema>> {
  const { uid } = callerUser(ctx);
  const { groupId, uid: targetUid } = request;
  const member = await changeGroup(context, { groupId }, ctx, async (change) => {
    const caller = await requireCaller(change, uid);
    const target = await requireTarget(change, targetUid);
    const fields = memberFieldsOf(request, { caller, target, now: change.at });
    const changed = changedFields(target, fields);
    if (!changed) return target;
    await updateMemberFields(change.trx, groupId, targetUid, changed);
    change.tell(uid, memberUpdated(targetUid, changed));
    return { ...target, ...changed };
  });
  const [shown] = await membersOf(context, [member], [targetUid], ctx);
  return { member: shown };
}
