import type { RestoreHost } from '@im/common/service/module.ts';
import type { AuthConfig } from './config.ts';
import { birthAt } from './session/birth.ts';
import { openSessionRedis } from './session/open-sessions.ts';
import { endAllSessions } from './session/redis/end-all.ts';
import { sessionMigrations } from './session/store/migrations/index.ts';
import { markAllEnded } from './session/store/session.ts';
import { findSessionStore, setBirth } from './session/store/session-store.ts';
import type { SessionTables } from './session/store/tables.ts';

/**
 * Signs everybody out: a session that was revoked after the backup would live
 * again, and a refresh token that was used up after it would be the newest once
 * more, in whoever's hands it is by now. Little is lost, since a device that has
 * refreshed since then has a token that the restored store does not know.
 */
export async function restored(config: AuthConfig, host: RestoreHost): Promise<string> {
  const ended =
    config.sessions.engine === 'database'
      ? await endInDatabase(host)
      : await endInRedis(config.sessions, host);
  if (ended === undefined) return 'sessions are kept as they were';
  return `sessions ended: ${ended}, every device signs in again`;
}

/** Gives how many were ended; undefined where they are kept. */
async function endInDatabase({ openDatabase, keepSessions, now }: RestoreHost): Promise<number | undefined> {
  const database = await openDatabase<SessionTables>(sessionMigrations);
  if (keepSessions) return undefined;
  return await database.transaction(async (trx) => {
    const store = await findSessionStore(trx);
    // Access tokens of sessions that the store has never heard of are refused by its birth.
    if (store) await setBirth(trx, birthAt(now(), store.born_at));
    return markAllEnded(trx, now());
  });
}

async function endInRedis(
  setting: Parameters<typeof openSessionRedis>[0],
  host: RestoreHost,
): Promise<number | undefined> {
  if (host.keepSessions) return undefined;
  const redis = openSessionRedis(setting, host);
  try {
    await host.until('the Redis of sessions', redis.reachable);
    return await endAllSessions(redis.client, host.now());
  } finally {
    await redis.close();
  }
}
