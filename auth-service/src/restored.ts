import type { RestoreHost } from '@im/common/service/module.ts';
import { birthAt } from './session/birth.ts';
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
export async function restored({ openDatabase, keepSessions, now }: RestoreHost): Promise<string> {
  const database = await openDatabase<SessionTables>(sessionMigrations);
  if (keepSessions) return 'sessions are kept as they were';
  const ended = await database.transaction(async (trx) => {
    const store = await findSessionStore(trx);
    // Access tokens of sessions that the store has never heard of are refused by its birth.
    if (store) await setBirth(trx, birthAt(now(), store.born_at));
    return markAllEnded(trx, now());
  });
  return `sessions ended: ${ended}, every device signs in again`;
}
