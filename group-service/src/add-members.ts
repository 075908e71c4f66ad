import { JoinRequestState_Value, Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { membersAdded, memberUpdated } from './domain/control-record.ts';
import { requireRoom } from './domain/room-for-more.ts';
import type { GroupChange } from './group-change.ts';
import { moveMemberCount } from './store/grp.ts';
import { decideRequests } from './store/join-request.ts';
import { deleteLeftMutes, findLeftMutes } from './store/left-mute.ts';
import { findMembers, insertMembers } from './store/member.ts';

export interface Joining {
  /** At most 200; those who are members already are left as they are. */
  readonly uids: readonly string[];
  /** Who lets them in, and so does it; themselves where nobody has to. */
  readonly inviterUid: string;
  readonly maxMembers: number;
}

/** Makes members, with all that follows: the count, requests of theirs that are open, mutes they went with. Throws GROUP_FULL. */
export async function addMembers(change: GroupChange, joining: Joining): Promise<void> {
  const { trx, group, at } = change;
  const { inviterUid, maxMembers } = joining;
  const groupId = group.group_id;
  const asked = [...new Set(joining.uids)];
  if (asked.length === 0) return;
  const present = new Set((await findMembers(trx, groupId, asked)).map((member) => member.uid));
  const uids = asked.filter((uid) => !present.has(uid));
  if (uids.length === 0) return;
  requireRoom(group.member_count, uids.length, maxMembers);

  const muted = new Map(
    (await findLeftMutes(trx, groupId, uids))
      .filter((mute) => mute.muted_until > at)
      .map((mute) => [mute.uid, mute.muted_until]),
  );
  await insertMembers(
    trx,
    uids.map((uid) => ({
      group_id: groupId,
      uid,
      role: Role.MEMBER,
      nickname: '',
      muted_until: muted.get(uid) ?? 0,
      joined_at: at,
    })),
  );
  await deleteLeftMutes(trx, groupId, uids);
  await moveMemberCount(trx, groupId, uids.length);
  const state = JoinRequestState_Value.ACCEPTED;
  await decideRequests(trx, { groupId, uids, state, decidedBy: inviterUid, at });

  change.tell(inviterUid, membersAdded(uids, { inviterUid, role: Role.MEMBER, group }));
  for (const [uid, until] of muted) change.tell(inviterUid, memberUpdated(uid, { muted_until: until }));
}
