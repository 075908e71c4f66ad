import { JoinRequestState_Value as State } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { Kysely, Selectable } from 'kysely';
import type { GroupTables } from './tables.ts';

export interface JoinRequestTable {
  request_id: string;
  group_id: string;
  uid: string;
  message: string;
  state: State;
  /** `openKey` while the request waits for its answer, else null. */
  open_key: string | null;
  /** Milliseconds since 1970, here and below. */
  created_at: number;
  decided_at: number | null;
  /** Who decided; "0" for the server API. */
  decided_by: string | null;
}

export type JoinRequestRow = Selectable<JoinRequestTable>;
type Db = Kysely<GroupTables>;

/** Where a page of requests begins: after this one, newest first. */
export interface RequestPosition {
  createdAt: number;
  requestId: string;
}

/** What names the one open request of somebody to a group. */
export function openKey(groupId: string, uid: string): string {
  return `${groupId}:${uid}`;
}

export function findRequest(db: Db, requestId: string): Promise<JoinRequestRow | undefined> {
  return db.selectFrom('join_request').selectAll().where('request_id', '=', requestId).executeTakeFirst();
}

/** The request of `uid` that waits for its answer. */
export function findOpenRequest(db: Db, groupId: string, uid: string): Promise<JoinRequestRow | undefined> {
  return db
    .selectFrom('join_request')
    .selectAll()
    .where('open_key', '=', openKey(groupId, uid))
    .executeTakeFirst();
}

/** Adds a request; a second open one breaks the unique key. */
export async function insertRequest(db: Db, row: JoinRequestRow): Promise<void> {
  await db.insertInto('join_request').values(row).execute();
}

/** Decides the open requests of `uids`, where there are any. */
export async function decideRequests(
  db: Db,
  decision: { groupId: string; uids: readonly string[]; state: State; decidedBy: string; at: number },
): Promise<void> {
  const keys = decision.uids.map((uid) => openKey(decision.groupId, uid));
  await db
    .updateTable('join_request')
    .set({
      state: decision.state,
      open_key: null,
      decided_at: decision.at,
      decided_by: decision.decidedBy,
    })
    .where('open_key', 'in', keys)
    .where('state', '=', State.PENDING)
    .execute();
}

/** Requests to join a group, newest first, after `after`. */
export function listRequests(
  db: Db,
  page: { groupId: string; after: RequestPosition | undefined; limit: number },
): Promise<JoinRequestRow[]> {
  const { after } = page;
  let query = db.selectFrom('join_request').selectAll().where('group_id', '=', page.groupId);
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
