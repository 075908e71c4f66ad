import { type DataFolderLock, lockDataFolder } from '@im/common/database/data-folder.ts';
import type { Database } from '@im/common/database/database.ts';
import { createDatabases } from '@im/common/service/databases.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { servicesIn } from '@im/server/backup/backup-order.ts';
import { sql } from 'kysely';

/** A data folder that nobody else can use meanwhile, its databases brought to the schema of this release. */
export interface Source {
  /** Names the data: the epoch of its log. */
  readonly name: string;
  /** Of a service whose module has migrations. */
  databaseOf(module: AnyModule): Database<unknown>;
  close(): Promise<void>;
}

/** Opens the folder of a server that has stopped. Throws DataFolderInUse while one runs on it. */
export async function openSource(options: {
  dataDir: string;
  modules: readonly AnyModule[];
  now: () => number;
  log: Logger;
}): Promise<Source> {
  const { dataDir, modules, now, log } = options;
  // Before the lock, which would make the folder.
  const held = servicesHeld(dataDir);
  const missing = modules.filter(({ name }) => !held.includes(name));
  if (missing.length > 0)
    throw new Error(`${dataDir} holds no data of ${missing.map(({ name }) => name).join(', ')}`);
  const lock: DataFolderLock = lockDataFolder(dataDir);
  const databases = createDatabases({ dataDir, lockDataDir: false, now, log });
  const close = async () => {
    await databases.close();
    lock.release();
  };
  try {
    const opened = new Map<string, Database<unknown>>();
    for (const { name, migrations } of modules) opened.set(name, await databases.open(name, migrations!));
    return {
      name: await epochOf(opened.get('chat-service')!),
      databaseOf: ({ name }) => opened.get(name)!,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function servicesHeld(dataDir: string): readonly string[] {
  try {
    return servicesIn(dataDir);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return [];
    throw error;
  }
}

async function epochOf(chat: Database<unknown>): Promise<string> {
  const { rows } = await sql<{ epoch: string }>`select epoch from log_partition limit 1`.execute(chat.read);
  if (rows[0] === undefined) throw new Error('the data folder has no log yet: there is nothing to carry');
  return rows[0].epoch;
}
