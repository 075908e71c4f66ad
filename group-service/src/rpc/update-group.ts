import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  UpdateGroupRequest,
  UpdateGroupResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { requireCaller } from '../access.ts';
import type { GroupContext } from '../context.ts';
import { changedFields } from '../domain/changed-fields.ts';
import { groupUpdated } from '../domain/control-record.ts';
import { groupFieldsOf } from '../domain/group-fields.ts';
import { groupView } from '../domain/group-view.ts';
import { requireMayChangeGroup } from '../domain/who-may-change-the-group.ts';
import { changeGroup } from '../group-change.ts';
import { updateGroupFields } from '../store/grp.ts';

/** Changes the group itself, for its owner and admins. GROUP_NOT_FOUND, ROLE_REQUIRED, EMPTY_PATCH, INVALID_FIELD. */
export async function updateGroup(
  context: GroupContext,
  request: UpdateGroupRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof UpdateGroupResponseSchema>> {
  const { uid } = callerUser(ctx);
  const { groupId } = request;
  const group = await changeGroup(context, { groupId }, ctx, async (change) => {
    requireMayChangeGroup((await requireCaller(change, uid)).role);
    const changed = changedFields(change.group, groupFieldsOf(request));
    if (!changed) return change.group;
    await updateGroupFields(change.trx, groupId, changed);
    const updated = { ...change.group, ...changed };
    change.tell(uid, groupUpdated(updated));
    return updated;
  });
  return { group: groupView(group) };
}
