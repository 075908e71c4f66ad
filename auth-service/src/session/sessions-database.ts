import type { Database } from '@im/common/database/database.ts';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { Transaction } from 'kysely';
import { displaces } from '../domain/device-policy.ts';
import { birthAt, MOST_AHEAD_MS } from './birth.ts';
import { expireReports, lastSeen, takeReport, withReports } from './online-reports.ts';
import { parseRevocationCursor, revocationCursor } from './revocation-cursor.ts';
import { fromSessionRow, toSessionRow } from './session-row.ts';
import { ENDED_KEPT_MS, REVOCATIONS_KEPT_MS, type Sessions } from './sessions.ts';
import { deleteRevocationsUntil, insertRevocations, revocationsAbove } from './store/revocation.ts';
import {
  deleteSessions,
  findSession,
  insertSession,
  liveSessions,
  markSessionsEnded,
  rotateSession,
  sessionsExpiredUntil,
} from './store/session.ts';
import {
  advanceRevocationNo,
  findSessionStore,
  insertSessionStore,
  setBirth,
} from './store/session-store.ts';
import type { SessionRow, SessionStoreRow, SessionTables } from './store/tables.ts';

/** Rows deleted in one transaction of a sweep, so that it holds up nobody. */
const SWEEP_BATCH = 500;

/**
 * Sessions in a database of rows. Its limit: every change waits for the disk, and polls of revocations
 * read tables, which suits a few gateways.
 *
 * @param now - the time of birth, should the store be new: milliseconds since 1970
 */
export async function openSessionsDatabase(
  database: Database<SessionTables>,
  now: number,
): Promise<Sessions> {
  await database.transaction(async (trx) => {
    if (await findSessionStore(trx)) return;
    await insertSessionStore(trx, birthAt(now));
  });

  return {
    async bornAt(at) {
      const { born_at } = await existingStore(database.read);
      if (born_at <= at + MOST_AHEAD_MS) return born_at;
      const present = birthAt(at);
      await database.transaction((trx) => setBirth(trx, present));
      return present;
    },

    open: (session, policy) =>
      database.transaction(async (trx) => {
        const { uid, createdAt } = session;
        const live = await liveSessions(trx, { uid }, createdAt);
        const displaced = live.filter((row) => displaces(policy, session, fromSessionRow(row)));
        await end(trx, displaced, SignOutReason_Value.REPLACED, createdAt);
        await insertSession(trx, toSessionRow(session));
      }),

    find: async (sessionId) => {
      const row = await findSession(database.read, sessionId);
      return row && fromSessionRow(row);
    },

    list: (uid, at) =>
      database.snapshot(async (trx) => withReports(trx, await liveSessions(trx, { uid }, at), at)),

    report: (report) => takeReport(database, report),

    lastSeen: (uids) => database.snapshot((trx) => lastSeen(trx, uids)),

    rotate: (rotation) => database.transaction((trx) => rotateSession(trx, rotation)),

    end: (choice, reason, at) =>
      database.transaction(async (trx) => {
        const ended = await liveSessions(trx, choice, at);
        await end(trx, ended, reason, at);
        return ended.length;
      }),

    revocationsSince: (cursor, limit) =>
      database.snapshot(async (trx) => {
        const store = await existingStore(trx);
        const rows = await revocationsAbove(trx, placeOf(cursor, store), limit);
        return {
          revocations: rows.map((row) => ({ sessionId: row.session_id, uid: row.uid, reason: row.reason })),
          cursor: revocationCursor(store.born_at, rows.at(-1)?.revocation_no ?? store.last_revocation_no),
        };
      }),

    async sweep(at) {
      await expireReports(database, at);
      await database.transaction((trx) => deleteRevocationsUntil(trx, at - REVOCATIONS_KEPT_MS));
      let swept: string[];
      do {
        swept = await sessionsExpiredUntil(database.read, at - ENDED_KEPT_MS, SWEEP_BATCH);
        const batch = swept;
        if (batch.length > 0) await database.transaction((trx) => deleteSessions(trx, batch));
      } while (swept.length === SWEEP_BATCH);
    },
  };
}

/** Marks sessions ended and says so to those who ask for revocations, in the same transaction. */
async function end(
  trx: Transaction<SessionTables>,
  sessions: readonly SessionRow[],
  reason: SignOutReason_Value,
  at: number,
): Promise<void> {
  if (sessions.length === 0) return;
  const sessionIds = sessions.map((session) => session.session_id);
  await markSessionsEnded(trx, sessionIds, at);
  // Advanced first: it takes the row's lock, so that the numbers below are ours alone.
  await advanceRevocationNo(trx, sessions.length);
  const firstNo = (await existingStore(trx)).last_revocation_no - sessions.length + 1;
  await insertRevocations(
    trx,
    sessions.map(({ session_id, uid }, index) => ({
      revocation_no: firstNo + index,
      session_id,
      uid,
      reason,
      at,
    })),
  );
}

async function existingStore(db: Parameters<typeof findSessionStore>[0]): Promise<SessionStoreRow> {
  const store = await findSessionStore(db);
  if (!store) throw new Error('the session store has no birth');
  return store;
}

/** The revocation number a cursor stands for; 0, before all of them, for one that this store never gave. */
function placeOf(cursor: string | undefined, store: SessionStoreRow): number {
  const place = parseRevocationCursor(cursor);
  return place?.bornAt === store.born_at && place.no <= store.last_revocation_no ? place.no : 0;
}
