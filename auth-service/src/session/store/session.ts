import type { Kysely } from 'kysely';
import { CLOCKS_DIFFER_MS, type EndChoice, type Rotation } from '../sessions.ts';
import type { SessionRow, SessionTables } from './tables.ts';

export async function insertSession(db: Kysely<SessionTables>, session: SessionRow): Promise<void> {
  await db.insertInto('session').values(session).execute();
}

export async function findSession(
  db: Kysely<SessionTables>,
  sessionId: string,
): Promise<SessionRow | undefined> {
  return db.selectFrom('session').selectAll().where('session_id', '=', sessionId).executeTakeFirst();
}

/** Sessions of all users by their ids, the next ones after an id. */
export async function sessionsAfter(
  db: Kysely<SessionTables>,
  sessionId: string,
  limit: number,
): Promise<SessionRow[]> {
  return db
    .selectFrom('session')
    .selectAll()
    .where('session_id', '>', sessionId)
    .orderBy('session_id')
    .limit(limit)
    .execute();
}

export async function countSessions(db: Kysely<SessionTables>): Promise<number> {
  const { count } = await db
    .selectFrom('session')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The sessions of a choice that are neither ended nor expired at `now`, last seen first. */
export async function liveSessions(
  db: Kysely<SessionTables>,
  choice: EndChoice,
  now: number,
): Promise<SessionRow[]> {
  const { uid, sessionId, exceptSessionId, createdBefore } = choice;
  return db
    .selectFrom('session')
    .selectAll()
    .where('uid', '=', uid)
    .where('ended_at', '=', 0)
    .where('expires_at', '>', now)
    .$if(sessionId !== undefined, (query) => query.where('session_id', '=', sessionId ?? ''))
    .$if(exceptSessionId !== undefined, (query) => query.where('session_id', '!=', exceptSessionId ?? ''))
    .$if(createdBefore !== undefined, (query) =>
      query.where((eb) =>
        eb.or([
          eb('created_at', '<', createdBefore ?? 0),
          // Opened while a clock was ahead: when really is not known, and ending it is the safe side.
          eb('created_at', '>', now + CLOCKS_DIFFER_MS),
        ]),
      ),
    )
    .orderBy('last_seen_at', 'desc')
    .orderBy('session_id')
    .execute();
}

/** Says whether the session was live and at that generation, and so has moved on. */
export async function rotateSession(db: Kysely<SessionTables>, rotation: Rotation): Promise<boolean> {
  const { sessionId, fromGeneration, newestHash, expiresAt, at, address } = rotation;
  const result = await db
    .updateTable('session')
    .set((eb) => ({
      // First, because MySQL assigns from left to right.
      previous_hash: eb.ref('newest_hash'),
      newest_hash: newestHash,
      generation: fromGeneration + 1,
      rotated_at: at,
      expires_at: expiresAt,
      last_seen_at: at,
      ...(address !== '' && { address }),
    }))
    .where('session_id', '=', sessionId)
    .where('generation', '=', fromGeneration)
    .where('ended_at', '=', 0)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Moves on when sessions were last seen; never back. */
export async function markSessionsSeen(
  db: Kysely<SessionTables>,
  sessionIds: readonly string[],
  at: number,
): Promise<void> {
  await db
    .updateTable('session')
    .set({ last_seen_at: at })
    .where('session_id', 'in', sessionIds)
    .where('last_seen_at', '<', at)
    .execute();
}

/** When any session of each of these users was last seen, ended ones included. */
export async function lastSeenOfUsers(
  db: Kysely<SessionTables>,
  uids: readonly string[],
): Promise<{ uid: string; at: number }[]> {
  const rows = await db
    .selectFrom('session')
    .select((eb) => ['uid', eb.fn.max('last_seen_at').as('at')])
    .where('uid', 'in', uids)
    .groupBy('uid')
    .execute();
  return rows.map(({ uid, at }) => ({ uid, at: Number(at) }));
}

/** Ends every session that has not ended yet; gives how many they were. */
export async function markAllEnded(db: Kysely<SessionTables>, at: number): Promise<number> {
  const result = await db
    .updateTable('session')
    .set({ ended_at: at })
    .where('ended_at', '=', 0)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export async function markSessionsEnded(
  db: Kysely<SessionTables>,
  sessionIds: readonly string[],
  at: number,
): Promise<void> {
  await db.updateTable('session').set({ ended_at: at }).where('session_id', 'in', sessionIds).execute();
}

/** Ids of some sessions that expired at or before a time. */
export async function sessionsExpiredUntil(
  db: Kysely<SessionTables>,
  expiresAt: number,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('session')
    .select('session_id')
    .where('expires_at', '<=', expiresAt)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.session_id);
}

export async function deleteSessions(
  db: Kysely<SessionTables>,
  sessionIds: readonly string[],
): Promise<void> {
  await db.deleteFrom('session').where('session_id', 'in', sessionIds).execute();
}
