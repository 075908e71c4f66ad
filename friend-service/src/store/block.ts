import type { Kysely, Selectable } from 'kysely';
import type { FriendTables } from './tables.ts';

export interface BlockTable {
  owner_uid: string;
  blocked_uid: string;
  /** Milliseconds since 1970. */
  since: number;
}

export type BlockRow = Selectable<BlockTable>;
type Db = Kysely<FriendTables>;

/** Where a page of blocks begins: after this one, the oldest block first. */
export interface BlockPosition {
  since: number;
  uid: string;
}

/** Whether `ownerUid` blocks `uid`. */
export async function hasBlocked(db: Db, ownerUid: string, uid: string): Promise<boolean> {
  const row = await db
    .selectFrom('block')
    .select('since')
    .where('owner_uid', '=', ownerUid)
    .where('blocked_uid', '=', uid)
    .executeTakeFirst();
  return row !== undefined;
}

/** Those of `ownerUids` who block `uid`. */
export async function blockersAmong(
  db: Db,
  uid: string,
  ownerUids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('block')
    .select('owner_uid')
    .where('blocked_uid', '=', uid)
    .where('owner_uid', 'in', ownerUids)
    .execute();
  return new Set(rows.map((row) => row.owner_uid));
}

/** Adds a block; one that is there already breaks the primary key. */
export async function insertBlock(db: Db, row: BlockRow): Promise<void> {
  await db.insertInto('block').values(row).execute();
}

/** Ends a block; false when there was none. */
export async function deleteBlockRow(db: Db, ownerUid: string, uid: string): Promise<boolean> {
  const result = await db
    .deleteFrom('block')
    .where('owner_uid', '=', ownerUid)
    .where('blocked_uid', '=', uid)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Those whom `ownerUid` blocks, the oldest block first, after `after`. */
export function listBlockRows(
  db: Db,
  page: { ownerUid: string; after: BlockPosition | undefined; limit: number },
): Promise<BlockRow[]> {
  const { after } = page;
  let query = db.selectFrom('block').selectAll().where('owner_uid', '=', page.ownerUid);
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('since', '>', after.since),
        eb.and([eb('since', '=', after.since), eb('blocked_uid', '>', after.uid)]),
      ]),
    );
  }
  return query.orderBy('since').orderBy('blocked_uid').limit(page.limit).execute();
}
