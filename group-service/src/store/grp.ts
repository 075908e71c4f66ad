import type { HistoryPolicy_Value, JoinPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { GroupTables } from './tables.ts';

export interface GroupTable {
  group_id: string;
  name: string;
  avatar_url: string;
  announcement: string;
  owner_uid: string;
  member_count: number;
  join_policy: JoinPolicy_Value;
  history_policy: HistoryPolicy_Value;
  /** 0 or 1. */
  mute_all: number;
  /** Moved by every change, first thing in its transaction: that locks the row. */
  revision: number;
  /** Milliseconds since 1970, here and below. */
  created_at: number;
  /** Null while the group lives. */
  dismissed_at: number | null;
}

export type GroupRow = Selectable<GroupTable>;
/** What a change of the group itself may set. */
export type GroupFields = Partial<
  Pick<
    GroupTable,
    'name' | 'avatar_url' | 'announcement' | 'join_policy' | 'history_policy' | 'mute_all' | 'owner_uid'
  >
>;

type Db = Kysely<GroupTables>;

/** The group, dismissed or not. */
export function findGroup(db: Db, groupId: string): Promise<GroupRow | undefined> {
  return db.selectFrom('grp').selectAll().where('group_id', '=', groupId).executeTakeFirst();
}

/** The groups of those ids, dismissed or not, in any order; unknown ones are left out. */
export async function findGroups(db: Db, groupIds: readonly string[]): Promise<GroupRow[]> {
  if (groupIds.length === 0) return [];
  return db.selectFrom('grp').selectAll().where('group_id', 'in', groupIds).execute();
}

/** Locks the group's row for the rest of the transaction; false when there is none. */
export async function touchGroup(db: Db, groupId: string): Promise<boolean> {
  const result = await db
    .updateTable('grp')
    .set({ revision: sql`revision + 1` })
    .where('group_id', '=', groupId)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Adds a group; an id that is taken breaks the primary key. */
export async function insertGroup(db: Db, row: GroupRow): Promise<void> {
  await db.insertInto('grp').values(row).execute();
}

export async function updateGroupFields(db: Db, groupId: string, fields: GroupFields): Promise<void> {
  await db.updateTable('grp').set(fields).where('group_id', '=', groupId).execute();
}

/** Moves the count of members by so many, up or down. */
export async function moveMemberCount(db: Db, groupId: string, by: number): Promise<void> {
  await db
    .updateTable('grp')
    .set((eb) => ({ member_count: eb('member_count', '+', by) }))
    .where('group_id', '=', groupId)
    .execute();
}

export async function markDismissed(db: Db, groupId: string, at: number): Promise<void> {
  await db.updateTable('grp').set({ dismissed_at: at }).where('group_id', '=', groupId).execute();
}
