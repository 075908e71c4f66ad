import type { Database } from '@im/common/database/database.ts';
import { fromSessionRow } from './session-row.ts';
import { type ListedSession, ONLINE_KEPT_MS, type SessionReport } from './sessions.ts';
import {
  deleteOnline,
  insertOnline,
  lastReports,
  lastReportsOfUsers,
  reportedUntil,
} from './store/online-session.ts';
import { lastSeenOfUsers, markSessionsSeen } from './store/session.ts';
import type { SessionRow, SessionTables } from './store/tables.ts';

/** Sessions of one transaction, so that a gateway's great report holds up nobody. */
const BATCH = 500;

/** Writes down a gateway's report. */
export async function takeReport(database: Database<SessionTables>, report: SessionReport): Promise<void> {
  const { gatewayBootId, at } = report;
  for (const sessionIds of batches(report.online)) {
    await database.transaction(async (trx) => {
      await deleteOnline(trx, gatewayBootId, sessionIds);
      await insertOnline(trx, gatewayBootId, sessionIds, at);
    });
  }
  for (const sessionIds of batches(report.offline)) {
    await database.transaction(async (trx) => {
      await deleteOnline(trx, gatewayBootId, sessionIds);
      await markSessionsSeen(trx, sessionIds, at);
    });
  }
}

/** Sessions with what the gateways say of them, last seen first. */
export async function withReports(
  db: Database<SessionTables>['read'],
  rows: readonly SessionRow[],
  now: number,
): Promise<ListedSession[]> {
  if (rows.length === 0) return [];
  const reports = await lastReports(
    db,
    rows.map((row) => row.session_id),
  );
  const listed = rows.map((row) => {
    const reportedAt = reports.get(row.session_id) ?? 0;
    return {
      ...fromSessionRow(row),
      lastSeenAt: Math.max(row.last_seen_at, reportedAt),
      // Absolute, so that a clock set back does not keep a session online for ever.
      online: Math.abs(now - reportedAt) < ONLINE_KEPT_MS,
    };
  });
  return listed.sort((a, b) => b.lastSeenAt - a.lastSeenAt || (a.sessionId < b.sessionId ? -1 : 1));
}

/** When users were last seen, by their sessions and by what gateways say of these. */
export async function lastSeen(
  db: Database<SessionTables>['read'],
  uids: readonly string[],
): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  if (uids.length === 0) return seen;
  for (const { uid, at } of [...(await lastSeenOfUsers(db, uids)), ...(await lastReportsOfUsers(db, uids))]) {
    seen.set(uid, Math.max(at, seen.get(uid) ?? 0));
  }
  return seen;
}

/** Turns reports that nobody has repeated in time into the time their sessions were last seen. */
export async function expireReports(database: Database<SessionTables>, now: number): Promise<void> {
  for (;;) {
    const expired = await reportedUntil(database.read, now - ONLINE_KEPT_MS, BATCH);
    if (expired.length === 0) return;
    await database.transaction(async (trx) => {
      for (const { session_id, gateway_boot_id, reported_at } of expired) {
        await markSessionsSeen(trx, [session_id], reported_at);
        await deleteOnline(trx, gateway_boot_id, [session_id]);
      }
    });
  }
}

function* batches(sessionIds: readonly string[]): Iterable<string[]> {
  for (let i = 0; i < sessionIds.length; i += BATCH) yield sessionIds.slice(i, i + BATCH);
}
