import { memberRemoved } from './domain/control-record.ts';
import type { GroupChange } from './group-change.ts';
import { moveMemberCount } from './store/grp.ts';
import { insertLeftMute } from './store/left-mute.ts';
import { deleteMember, type MemberRow } from './store/member.ts';

/** Ends a membership. A mute that still runs is kept, so that nobody sheds it by leaving and coming back. */
export async function dropMember(
  change: GroupChange,
  { member, actorUid }: { member: MemberRow; actorUid: string },
): Promise<void> {
  const { trx, at } = change;
  const { group_id, uid, muted_until } = member;
  await deleteMember(trx, group_id, uid);
  if (muted_until > at) await insertLeftMute(trx, { group_id, uid, muted_until });
  await moveMemberCount(trx, group_id, -1);
  change.tell(actorUid, memberRemoved(uid, actorUid === uid));
}
