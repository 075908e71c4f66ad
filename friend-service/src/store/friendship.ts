import type { Kysely, Selectable } from 'kysely';
import type { FriendTables } from './tables.ts';

export interface FriendshipTable {
  owner_uid: string;
  friend_uid: string;
  /** The name the owner gave the friend. */
  remark: string;
  /** Milliseconds since 1970. */
  since: number;
}

export type FriendshipRow = Selectable<FriendshipTable>;
type Db = Kysely<FriendTables>;

/** Where a page of friends begins: after this one, the oldest friendship first. */
export interface FriendPosition {
  since: number;
  uid: string;
}

/** Whether two people are friends. */
export async function areFriends(db: Db, uid: string, other: string): Promise<boolean> {
  const row = await db
    .selectFrom('friendship')
    .select('since')
    .where('owner_uid', '=', uid)
    .where('friend_uid', '=', other)
    .executeTakeFirst();
  return row !== undefined;
}

/** Makes two people friends, as a row for each. */
export async function insertFriendship(db: Db, uid: string, other: string, since: number): Promise<void> {
  await db
    .insertInto('friendship')
    .values([
      { owner_uid: uid, friend_uid: other, remark: '', since },
      { owner_uid: other, friend_uid: uid, remark: '', since },
    ])
    .execute();
}

/** The friends of `uid`, the oldest friendship first, after `after`. */
export function listFriendships(
  db: Db,
  page: { uid: string; after: FriendPosition | undefined; limit: number },
): Promise<FriendshipRow[]> {
  const { after } = page;
  let query = db.selectFrom('friendship').selectAll().where('owner_uid', '=', page.uid);
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('since', '>', after.since),
        eb.and([eb('since', '=', after.since), eb('friend_uid', '>', after.uid)]),
      ]),
    );
  }
  return query.orderBy('since').orderBy('friend_uid').limit(page.limit).execute();
}
