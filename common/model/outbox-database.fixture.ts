import type { Database } from '../database/database.ts';
import { makeTestStore } from '../testing/test-store.ts';
import { appendOutbox, type OutboxTables, outboxMigration } from './outbox.ts';

/** A database with nothing but an outbox, for the tests of this folder. */
export interface OutboxDatabase {
  readonly db: Database<OutboxTables>;
  /** Appends one entry in a transaction of its own and gives its version. */
  append(topic: string, text?: string, at?: number): Promise<number>;
  /** Topic and version of the rows without a mark, in order. */
  unsent(): Promise<[string, number][]>;
  /** Closes the database and opens it again, as a restart does. */
  reopen(): Promise<void>;
  remove(): Promise<void>;
}

export async function makeOutboxDatabase(): Promise<OutboxDatabase> {
  const store = await makeTestStore();
  const open = () => store.open<OutboxTables>({ '0001-outbox': outboxMigration });
  let db = await open();
  return {
    get db() {
      return db;
    },
    async append(topic, text = '', at = 0) {
      const entry = { topic, kind: 'test', payload: Buffer.from(text), at };
      return (await db.transaction((trx) => appendOutbox(trx, entry))).version;
    },
    async unsent() {
      const rows = await db.read
        .selectFrom('outbox')
        .select(['topic', 'version'])
        .where('sent_at', 'is', null)
        .orderBy('topic')
        .orderBy('version')
        .execute();
      return rows.map(({ topic, version }) => [topic, version]);
    },
    async reopen() {
      await db.close();
      db = await open();
    },
    async remove() {
      await db.close();
      await store.remove();
    },
  };
}
