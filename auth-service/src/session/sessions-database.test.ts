import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@im/common/database/database.ts';
import { openSqliteDatabase } from '@im/common/database/open-sqlite.ts';
import { CONFORMANCE_START, sessionsConformance } from './sessions-conformance.ts';
import { openSessionsDatabase } from './sessions-database.ts';
import { sessionMigrations } from './store/migrations/index.ts';
import type { SessionTables } from './store/tables.ts';

sessionsConformance('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'im-sessions-'));
  let database: Database<SessionTables>;

  async function open(now: number) {
    database = await openSqliteDatabase<SessionTables>({
      file: join(folder, 'auth-service.db'),
      migrations: sessionMigrations,
    });
    return openSessionsDatabase(database, now);
  }

  return {
    sessions: await open(CONFORMANCE_START),
    async reopen(now) {
      await database.close();
      return open(now);
    },
    async close() {
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
});
