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
  return (await findFriendship(db, uid, other)) !== undefined;
}

/** The friendship as `uid` has it. */
export function findFriendship(db: Db, uid: string, other: string): Promise<FriendshipRow | undefined> {
  return db
    .selectFrom('friendship')
    .selectAll()
    .where('owner_uid', '=', uid)
    .where('friend_uid', '=', other)
    .executeTakeFirst();
}

/** Those of `others` who are friends of `uid`. */
export async function friendsAmong(
  db: Db,
  uid: string,
  others: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('friendship')
    .select('friend_uid')
    .where('owner_uid', '=', uid)
    .where('friend_uid', 'in', others)
    .execute();
  return new Set(rows.map((row) => row.friend_uid));
}

/** Sets the name that `uid` gives a friend; only their own row. */
export async function updateRemark(db: Db, uid: string, other: string, remark: string): Promise<void> {
  await db
    .updateTable('friendship')
    .set({ remark })
    .where('owner_uid', '=', uid)
    .where('friend_uid', '=', other)
    .execute();
}

/** Ends a friendship on both sides; false when there was none. */
export async function deleteFriendship(db: Db, uid: string, other: string): Promise<boolean> {
  // The first row decides, and its lock keeps others from both: a friendship that
  // comes into being between two looks would otherwise lose only its second half.
  for (const [owner, friend] of bothWays(uid, other)) {
    const { numDeletedRows } = await db
      .deleteFrom('friendship')
      .where('owner_uid', '=', owner)
      .where('friend_uid', '=', friend)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return false;
  }
  return true;
}

/** The keys of both rows of a friendship, always in the same order, so that two who lock them do not meet in a deadlock. */
function bothWays(uid: string, other: string): [owner: string, friend: string][] {
  const [first, second] = uid < other ? [uid, other] : [other, uid];
  return [
    [first, second],
    [second, first],
  ];
}

/** Makes two people friends, as a row for each. */
export async function insertFriendship(db: Db, uid: string, other: string, since: number): Promise<void> {
  await db
    .insertInto('friendship')
    .values(
      bothWays(uid, other).map(([owner_uid, friend_uid]) => ({ owner_uid, friend_uid, remark: '', since })),
    )
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
