import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GroupMemberSchema } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { GroupContext } from './context.ts';
import { memberView } from './domain/member-view.ts';
import { usersByUid } from './people.ts';
import type { MemberRow } from './store/member.ts';

/** Members as they are shown, in the order of `uids`, with their users where user-service answers. */
export async function membersOf(
  context: GroupContext,
  rows: readonly MemberRow[],
  uids: readonly string[],
  ctx: CallContext,
): Promise<MessageInitShape<typeof GroupMemberSchema>[]> {
  const users = await usersByUid(context, uids, ctx);
  const byUid = new Map(rows.map((row) => [row.uid, row]));
  const now = context.now();
  return uids.flatMap((uid) => {
    const row = byUid.get(uid);
    return row ? [memberView(row, users.get(uid), now)] : [];
  });
}
