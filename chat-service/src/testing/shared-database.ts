import type { Database } from '@im/common/database/database.ts';
import { makeTestStore } from '@im/common/testing/test-store.ts';
import { migrations } from '../store/migrations/index.ts';
import type { ChatSchema } from '../store/schema.ts';

/** A chat database that several instances of a test write. */
export interface SharedDatabase {
  readonly database: Database<ChatSchema>;
  /** Runs one statement beside them, as another process would. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Closes and removes it; after all instances have stopped. */
  remove(): Promise<void>;
}

export async function openSharedDatabase(): Promise<SharedDatabase> {
  const store = await makeTestStore();
  const database = await store.open<ChatSchema>(migrations);
  return {
    database,
    query: store.query,
    async remove() {
      await database.close();
      await store.remove();
    },
  };
}
