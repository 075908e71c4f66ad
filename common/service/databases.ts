import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startCheckpointer } from '../database/checkpointer.ts';
import type { Database, Migrations } from '../database/database.ts';
import { openSqliteDatabase } from '../database/open-sqlite.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ServiceName } from './names.ts';

/** The databases of a process's services: a SQLite file each. */
export interface Databases {
  open<S>(service: ServiceName, migrations: Migrations): Promise<Database<S>>;
  close(): Promise<void>;
}

/** Opens `<dataDir>/<service>.db` on demand; the folder is made when missing. */
export function createDatabases(options: { dataDir: string; now: () => number; log: Logger }): Databases {
  const { dataDir, now, log } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const checkpointer = startCheckpointer({ log });
  const opened: Database<unknown>[] = [];
  return {
    async open<S>(service: ServiceName, migrations: Migrations) {
      const file = join(dataDir, `${service}.db`);
      const database = await openSqliteDatabase<S>({ file, migrations, checkpointer, now });
      opened.push(database as Database<unknown>);
      return database;
    },
    async close() {
      for (const database of opened.splice(0).reverse()) await database.close();
      await checkpointer.close();
    },
  };
}
