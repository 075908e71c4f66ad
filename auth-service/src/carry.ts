import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '@im/common/config/config-error.ts';
import type { Database } from '@im/common/database/database.ts';
import type { CarryHost, Carrying } from '@im/common/service/module.ts';
import type { AuthConfig } from './config.ts';
import { openSessionRedis } from './session/open-sessions.ts';
import { STORE_KEYS } from './session/redis/keys.ts';
import { writeRevocations, writeSessions, writeStore } from './session/redis/write-sessions.ts';
import { fromSessionRow } from './session/session-row.ts';
import type { Sessions, StoredSession } from './session/sessions.ts';
import { openSessionsDatabase } from './session/sessions-database.ts';
import { openSessionsRedis } from './session/sessions-redis.ts';
import { lastReports } from './session/store/online-session.ts';
import { revocationsAbove } from './session/store/revocation.ts';
import { countSessions, sessionsAfter } from './session/store/session.ts';
import { findSessionStore } from './session/store/session-store.ts';
import type { SessionTables } from './session/store/tables.ts';

/** Sessions and revocations read and written at a time. */
const BATCH = 500;
/** Sessions that differ are named up to so many. */
const MOST_NAMED = 20;

/**
 * Carries the sessions of a data folder to Redis: refresh families, sessions
 * that have ended, when each was last seen, the revocations with their numbers,
 * and the birth, so that tokens go on to be good and to be refused. Who was online
 * is not carried: their sockets ended with the process.
 */
export async function carry(config: AuthConfig, host: CarryHost): Promise<Carrying> {
  const { sessions: setting, sessionsDurability } = config;
  if (setting.engine === 'database')
    throw new ConfigError('sessions: must be redis://…, where auth-service keeps them in a cluster');
  const from = host.from as Database<SessionTables>;
  const redis = openSessionRedis(setting, host);
  const { client } = redis;
  const open = () => openSessionsRedis({ redis, now: host.now(), durability: sessionsDurability });
  try {
    await host.until('the Redis of sessions', redis.reachable);
  } catch (error) {
    await redis.close();
    throw error;
  }

  return {
    async isEmpty() {
      const { store, expiry, revocations } = STORE_KEYS;
      return (await client.exists(store, expiry, revocations)) === 0;
    },

    async copy(onRows) {
      const store = await findSessionStore(from.read);
      if (store === undefined) return;
      for await (const sessions of allSessions(from)) {
        await writeSessions(client, sessions);
        onRows(sessions.length);
      }
      for (let no = 0; ; ) {
        const rows = await revocationsAbove(from.read, no, BATCH);
        if (rows.length === 0) break;
        await writeRevocations(
          client,
          rows.map((row) => ({
            no: row.revocation_no,
            sessionId: row.session_id,
            uid: row.uid,
            reason: row.reason,
            at: row.at,
          })),
        );
        onRows(rows.length);
        no = rows.at(-1)!.revocation_no;
      }
      await writeStore(client, { bornAt: store.born_at, lastNo: store.last_revocation_no });
    },

    async compare() {
      const store = await findSessionStore(from.read);
      if (store === undefined) return [];
      const here = await openSessionsDatabase(from, host.now());
      const there = await open();
      const differences = [...(await compareRevocations(here, there))];
      const counts = [await countSessions(from.read), await client.zcard(STORE_KEYS.expiry)];
      if (counts[0] !== counts[1]) differences.push(`sessions: ${counts[0]} here, ${counts[1]} there`);
      for await (const sessions of allSessions(from)) {
        differences.push(...(await compareSessions(sessions, here, there)));
        if (differences.length > MOST_NAMED) return [...differences.slice(0, MOST_NAMED), 'and more'];
      }
      return differences;
    },

    close: redis.close,
  };
}

/** Every session with when it was last seen, what gateways reported included. */
async function* allSessions(from: Database<SessionTables>): AsyncGenerator<StoredSession[]> {
  for (let last = ''; ; ) {
    const rows = await sessionsAfter(from.read, last, BATCH);
    if (rows.length === 0) return;
    last = rows.at(-1)!.session_id;
    const reports = await lastReports(
      from.read,
      rows.map((row) => row.session_id),
    );
    yield rows.map((row) => ({
      ...fromSessionRow(row),
      lastSeenAt: Math.max(row.last_seen_at, reports.get(row.session_id) ?? 0),
    }));
  }
}

async function compareSessions(
  sessions: readonly StoredSession[],
  here: Sessions,
  there: Sessions,
): Promise<string[]> {
  const found = await Promise.all(sessions.map(({ sessionId }) => there.find(sessionId)));
  const differences = sessions.flatMap((session, index) => {
    if (found[index] === undefined) return [`session ${session.sessionId}: is not there`];
    return isDeepStrictEqual(found[index], session)
      ? []
      : [`session ${session.sessionId}: is another one there`];
  });
  const uids = [...new Set(sessions.map(({ uid }) => uid))];
  const [seenHere, seenThere] = await Promise.all([here.lastSeen(uids), there.lastSeen(uids)]);
  for (const uid of uids) {
    if (seenHere.get(uid) !== seenThere.get(uid))
      differences.push(`user ${uid}: was last seen at another time there`);
  }
  return differences;
}

async function compareRevocations(here: Sessions, there: Sessions): Promise<string[]> {
  for (let cursor: string | undefined; ; ) {
    const [ours, theirs] = await Promise.all([
      here.revocationsSince(cursor, BATCH),
      there.revocationsSince(cursor, BATCH),
    ]);
    // The cursor says the birth and the number.
    if (!isDeepStrictEqual(ours, theirs)) return ['revocations: others there'];
    if (ours.revocations.length === 0) return [];
    cursor = ours.cursor;
  }
}
