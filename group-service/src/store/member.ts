import type { Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { Kysely, Selectable } from 'kysely';
import type { GroupRow } from './grp.ts';
import type { GroupTables } from './tables.ts';

export interface MemberTable {
  group_id: string;
  uid: string;
  role: Role_Value;
  /** Their name in this group; '' for their own. */
  nickname: string;
  /** Milliseconds since 1970, here and below; a time that has passed mutes nobody. */
  muted_until: number;
  joined_at: number;
}

export type MemberRow = Selectable<MemberTable>;
/** What a change of a member may set. */
export type MemberFields = Partial<Pick<MemberTable, 'role' | 'nickname' | 'muted_until'>>;

type Db = Kysely<GroupTables>;

/** Where a page of members or groups begins: after this one, the earliest joined first. */
export interface JoinedPosition {
  joinedAt: number;
  id: string;
}

export function findMember(db: Db, groupId: string, uid: string): Promise<MemberRow | undefined> {
  return db
    .selectFrom('member')
    .selectAll()
    .where('group_id', '=', groupId)
    .where('uid', '=', uid)
    .executeTakeFirst();
}

/** Those of `uids` who are members, in any order. */
export function findMembers(db: Db, groupId: string, uids: readonly string[]): Promise<MemberRow[]> {
  return db
    .selectFrom('member')
    .selectAll()
    .where('group_id', '=', groupId)
    .where('uid', 'in', uids)
    .execute();
}

export async function insertMembers(db: Db, rows: readonly MemberRow[]): Promise<void> {
  await db.insertInto('member').values(rows).execute();
}

export async function updateMemberFields(
  db: Db,
  groupId: string,
  uid: string,
  fields: MemberFields,
): Promise<void> {
  await db.updateTable('member').set(fields).where('group_id', '=', groupId).where('uid', '=', uid).execute();
}

export async function deleteMember(db: Db, groupId: string, uid: string): Promise<void> {
  await db.deleteFrom('member').where('group_id', '=', groupId).where('uid', '=', uid).execute();
}

/** The members of a group, the earliest first, after `after`. */
export function listMemberRows(
  db: Db,
  page: { groupId: string; after: JoinedPosition | undefined; limit: number },
): Promise<MemberRow[]> {
  const { after } = page;
  let query = db.selectFrom('member').selectAll().where('group_id', '=', page.groupId);
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('joined_at', '>', after.joinedAt),
        eb.and([eb('joined_at', '=', after.joinedAt), eb('uid', '>', after.id)]),
      ]),
    );
  }
  return query.orderBy('joined_at').orderBy('uid').limit(page.limit).execute();
}

/** The groups of `uid` that were not dismissed, the earliest joined first, after `after`. */
export function listGroupsOf(
  db: Db,
  page: { uid: string; after: JoinedPosition | undefined; limit: number },
): Promise<(GroupRow & { joined_at: number })[]> {
  const { after } = page;
  let query = db
    .selectFrom('member')
    .innerJoin('grp', 'grp.group_id', 'member.group_id')
    .selectAll('grp')
    .select('member.joined_at')
    .where('member.uid', '=', page.uid)
    .where('grp.dismissed_at', 'is', null);
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('member.joined_at', '>', after.joinedAt),
        eb.and([eb('member.joined_at', '=', after.joinedAt), eb('member.group_id', '>', after.id)]),
      ]),
    );
  }
  return query.orderBy('member.joined_at').orderBy('member.group_id').limit(page.limit).execute();
}
