import type { Kysely, Selectable } from 'kysely';
import type { GroupTables } from './tables.ts';

/** The mutes of those who went before their time was over. */
export interface LeftMuteTable {
  group_id: string;
  uid: string;
  /** Milliseconds since 1970. */
  muted_until: number;
}

type Db = Kysely<GroupTables>;

export async function insertLeftMute(db: Db, row: Selectable<LeftMuteTable>): Promise<void> {
  await db.insertInto('left_mute').values(row).execute();
}

/** The mutes kept of `uids`, in any order. */
export function findLeftMutes(
  db: Db,
  groupId: string,
  uids: readonly string[],
): Promise<Selectable<LeftMuteTable>[]> {
  return db
    .selectFrom('left_mute')
    .selectAll()
    .where('group_id', '=', groupId)
    .where('uid', 'in', uids)
    .execute();
}

export async function deleteLeftMutes(db: Db, groupId: string, uids: readonly string[]): Promise<void> {
  await db.deleteFrom('left_mute').where('group_id', '=', groupId).where('uid', 'in', uids).execute();
}
