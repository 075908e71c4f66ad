import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  InviteMembersRequest,
  InviteMembersResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { requireCaller, requireMember } from '../access.ts';
import { addMembers } from '../add-members.ts';
import type { GroupContext } from '../context.ts';
import { changeGroup } from '../group-change.ts';
import { membersOf } from '../members-of.ts';
import { requireMayInvite } from '../people.ts';
import { findMembers } from '../store/member.ts';

/**
 * Brings people whom the caller may invite into a group of theirs, at once;
 * members stay as they are. GROUP_NOT_FOUND, USER_NOT_FOUND,
 * INVITE_NOT_ALLOWED, GROUP_FULL.
 */
export async function inviteMembers(
  context: GroupContext,
  { groupId, uids }: InviteMembersRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof InviteMembersResponseSchema>> {
  const { uid } = callerUser(ctx);
  const { maxMembers } = context.config;
  const asked = [...new Set(uids)];
  const strangers = await context.database.snapshot(async (trx) => {
    await requireMember(trx, groupId, uid);
    const present = new Set((await findMembers(trx, groupId, asked)).map((member) => member.uid));
    return asked.filter((other) => !present.has(other));
  });
  // Before the transaction, which waits for nobody: whoever stops being a friend just now was one when invited.
  await requireMayInvite(context, uid, strangers, ctx);
  const rows = await changeGroup(context, { groupId }, ctx, async (change) => {
    await requireCaller(change, uid);
    await addMembers(change, { uids: strangers, inviterUid: uid, maxMembers });
    return findMembers(change.trx, groupId, asked);
  });
  return { members: await membersOf(context, rows, asked, ctx) };
}
