import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AdminAddMembersRequest,
  AdminAddMembersResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { requireGroup } from '../access.ts';
import { addMembers } from '../add-members.ts';
import type { GroupContext } from '../context.ts';
import { SYSTEM_UID } from '../domain/control-record.ts';
import { changeGroup } from '../group-change.ts';
import { membersOf } from '../members-of.ts';
import { requireUsers } from '../people.ts';
import { findMembers } from '../store/member.ts';

/** Brings any people into a group; members stay as they are. GROUP_NOT_FOUND, USER_NOT_FOUND, GROUP_FULL. */
export async function adminAddMembers(
  context: GroupContext,
  { groupId, uids }: AdminAddMembersRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof AdminAddMembersResponseSchema>> {
  const { maxMembers } = context.config;
  const asked = [...new Set(uids)];
  await requireGroup(context.database.read, groupId);
  await requireUsers(context, asked, ctx);
  const rows = await changeGroup(context, { groupId }, ctx, async (change) => {
    await addMembers(change, { uids: asked, inviterUid: SYSTEM_UID, maxMembers });
    return findMembers(change.trx, groupId, asked);
  });
  return { members: await membersOf(context, rows, asked, ctx) };
}
