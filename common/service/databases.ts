import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpointer, startCheckpointer } from '../database/checkpointer.ts';
import { type DataFolderLock, lockDataFolder } from '../database/data-folder.ts';
import type { Database, Migrations } from '../database/database.ts';
import { openSqliteDatabase } from '../database/open-sqlite.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ServiceName } from './names.ts';

/** The SQLite files of a process's services: one each. */
export interface Databases {
  open<S>(service: ServiceName, migrations: Migrations): Promise<Database<S>>;
  close(): Promise<void>;
}

export interface DatabasesOptions {
  dataDir: string;
  /** Takes the folder for this process alone before the first file is opened. */
  lockDataDir: boolean;
  now: () => number;
  log: Logger;
}

/** Opens `<dataDir>/<service>.db` on demand; the folder is made when missing. */
export function createDatabases(options: DatabasesOptions): Databases {
  const { dataDir, now, log } = options;
  const opened: Database<unknown>[] = [];
  let lock: DataFolderLock | undefined;
  let checkpointer: Checkpointer | undefined;

  function begin(): Checkpointer {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (options.lockDataDir) lock ??= lockDataFolder(dataDir);
    return startCheckpointer({ log });
  }

  return {
    async open<S>(service: ServiceName, migrations: Migrations) {
      checkpointer ??= begin();
      const file = join(dataDir, `${service}.db`);
      const database = await openSqliteDatabase<S>({ file, migrations, checkpointer, now });
      opened.push(database as Database<unknown>);
      return database;
    },
    async close() {
      for (const database of opened.splice(0).reverse()) await database.close();
      await checkpointer?.close();
      lock?.release();
    },
  };
}
