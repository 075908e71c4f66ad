import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@im/common/database/database.ts';
import { openSqliteDatabase } from '@im/common/database/open-sqlite.ts';
import { migrations } from '../store/migrations/index.ts';
import type { ChatSchema } from '../store/schema.ts';

/** A chat database that several instances of a test write, and the path of its file. */
export interface SharedDatabase {
  readonly database: Database<ChatSchema>;
  readonly file: string;
  /** Closes it and removes its folder; after all instances have stopped. */
  remove(): Promise<void>;
}

export async function openSharedDatabase(): Promise<SharedDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'im-chat-'));
  const file = join(folder, 'chat-service.db');
  const database = await openSqliteDatabase<ChatSchema>({ file, migrations });
  return {
    database,
    file,
    async remove() {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
