import type { DismissGroupRequest } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { requireCaller } from '../access.ts';
import type { GroupContext } from '../context.ts';
import { groupNotFound } from '../domain/group-not-found.ts';
import { requireMayDismiss } from '../domain/who-may-dismiss.ts';
import { changeGroup } from '../group-change.ts';
import { markDismissed } from '../store/grp.ts';

/**
 * Ends the group, for its owner, who may say it again; to everybody else it is
 * gone then. Members keep what they have, nobody writes any more.
 * GROUP_NOT_FOUND, ROLE_REQUIRED.
 */
export async function dismissGroup(
  context: GroupContext,
  { groupId }: DismissGroupRequest,
  ctx: CallContext,
): Promise<Record<string, never>> {
  const { uid } = callerUser(ctx);
  await changeGroup(context, { groupId, evenDismissed: true }, ctx, async (change) => {
    const caller = await requireCaller(change, uid);
    if (change.group.dismissed_at !== null) {
      if (change.group.owner_uid !== uid) throw groupNotFound();
      return;
    }
    requireMayDismiss(caller.role);
    await markDismissed(change.trx, groupId, change.at);
    change.tell(uid, { case: 'dismissGroup', value: {} });
  });
  return {};
}
