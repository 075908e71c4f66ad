import { ImError } from '@im/common/errors/im-error.ts';
import type { Kysely } from 'kysely';
import { groupNotFound } from './domain/group-not-found.ts';
import type { GroupChange } from './group-change.ts';
import { findGroup, type GroupRow } from './store/grp.ts';
import { findMember, type MemberRow } from './store/member.ts';
import type { GroupTables } from './store/tables.ts';

/** The functions through which every read and change of a group goes: to who is no member it does not exist. */

/** The group and the caller as its member; throws GROUP_NOT_FOUND, also for a dismissed one and for former members. */
export async function requireMember(
  db: Kysely<GroupTables>,
  groupId: string,
  uid: string,
): Promise<{ group: GroupRow; member: MemberRow }> {
  const group = await requireGroup(db, groupId);
  const member = await findMember(db, groupId, uid);
  if (!member) throw groupNotFound();
  return { group, member };
}

/** A group that was not dismissed; throws GROUP_NOT_FOUND. Who may see it is another question. */
export async function requireGroup(db: Kysely<GroupTables>, groupId: string): Promise<GroupRow> {
  const group = await findGroup(db, groupId);
  if (!group || group.dismissed_at !== null) throw groupNotFound();
  return group;
}

/** Who makes the change, as a member; throws GROUP_NOT_FOUND. */
export async function requireCaller({ trx, group }: GroupChange, uid: string): Promise<MemberRow> {
  const member = await findMember(trx, group.group_id, uid);
  if (!member) throw groupNotFound();
  return member;
}

/** The member whom the change is about; throws MEMBER_NOT_FOUND. For callers who are members themselves. */
export async function requireTarget({ trx, group }: GroupChange, uid: string): Promise<MemberRow> {
  const member = await findMember(trx, group.group_id, uid);
  if (!member) throw new ImError('MEMBER_NOT_FOUND', 'there is no such member in this group');
  return member;
}
