import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import type { Kysely, Selectable } from 'kysely';
import type { FriendTables } from './tables.ts';

export interface FriendRequestTable {
  request_id: string;
  from_uid: string;
  to_uid: string;
  message: string;
  state: State;
  /** The pair's direct conversation while the request is open, else null. */
  open_pair: string | null;
  /** 1 when its addressee blocked the sender: to them it is not there, whatever becomes of the block. */
  withheld: number;
  /** Milliseconds since 1970. */
  created_at: number;
  decided_at: number | null;
}

export type FriendRequestRow = Selectable<FriendRequestTable>;
/** How its addressee may end an open request. */
export type Decision = typeof State.ACCEPTED | typeof State.REJECTED;

type Db = Kysely<FriendTables>;

/** Where a page of requests begins: after this one, newest first. */
export interface RequestPosition {
  createdAt: number;
  requestId: string;
}

/** The request of that id. */
export function findRequest(db: Db, requestId: string): Promise<FriendRequestRow | undefined> {
  return db.selectFrom('friend_request').selectAll().where('request_id', '=', requestId).executeTakeFirst();
}

/** The open request between two people, whoever asked. */
export function findOpenRequest(db: Db, pair: string): Promise<FriendRequestRow | undefined> {
  return db.selectFrom('friend_request').selectAll().where('open_pair', '=', pair).executeTakeFirst();
}

/** Adds a request; a second open one of the same pair breaks the unique key. */
export async function insertRequest(db: Db, row: FriendRequestRow): Promise<void> {
  await db.insertInto('friend_request').values(row).execute();
}

/**
 * Decides an open request addressed to `toUid`; false when there is none such.
 * One statement, so that of two deciders exactly one gets true.
 */
export async function decideRequest(
  db: Db,
  decision: { requestId: string; toUid: string; state: Decision; at: number },
): Promise<boolean> {
  const result = await db
    .updateTable('friend_request')
    .set({ state: decision.state, open_pair: null, decided_at: decision.at })
    .where('request_id', '=', decision.requestId)
    .where('to_uid', '=', decision.toUid)
    .where('state', '=', State.PENDING)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/**
 * Takes back an open request of `fromUid`; false when there is none such.
 * Against `decideRequest` exactly one gets true.
 */
export async function cancelRequest(
  db: Db,
  { requestId, fromUid, at }: { requestId: string; fromUid: string; at: number },
): Promise<boolean> {
  const result = await db
    .updateTable('friend_request')
    .set({ state: State.CANCELLED, open_pair: null, decided_at: at })
    .where('request_id', '=', requestId)
    .where('from_uid', '=', fromUid)
    .where('state', '=', State.PENDING)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Whether one of two people ever accepted the other's request: every friendship began so. */
export async function wereEverFriends(db: Db, uid: string, other: string): Promise<boolean> {
  const row = await db
    .selectFrom('friend_request')
    .select('request_id')
    .where((eb) =>
      eb.or([
        eb.and([eb('from_uid', '=', uid), eb('to_uid', '=', other)]),
        eb.and([eb('from_uid', '=', other), eb('to_uid', '=', uid)]),
      ]),
    )
    .where('state', '=', State.ACCEPTED)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Requests from `uid`, or those to them that they may know of, newest first, after `after`. */
export function listRequests(
  db: Db,
  page: { column: 'to_uid' | 'from_uid'; uid: string; after: RequestPosition | undefined; limit: number },
): Promise<FriendRequestRow[]> {
  const { after } = page;
  let query = db.selectFrom('friend_request').selectAll().where(page.column, '=', page.uid);
  if (page.column === 'to_uid') query = query.where('withheld', '=', 0);
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('created_at', '<', after.createdAt),
        eb.and([eb('created_at', '=', after.createdAt), eb('request_id', '<', after.requestId)]),
      ]),
    );
  }
  return query.orderBy('created_at', 'desc').orderBy('request_id', 'desc').limit(page.limit).execute();
}
