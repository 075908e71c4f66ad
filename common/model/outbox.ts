import type { Transaction } from 'kysely';
import { isUniqueViolation } from '../database/errors.ts';
import type { OutboxTables } from './outbox-tables.ts';

export { type OutboxTables, outboxMigration } from './outbox-tables.ts';
export { type OutboxRow, type Relay, type RelayOptions, startRelay } from './relay.ts';

/** What a service notes for another one. */
export interface OutboxEntry {
  /** An ordered stream: a conversation id, or for instance `auth:<uid>`. At most 128 characters. */
  topic: string;
  /** At most 32 characters. */
  kind: string;
  payload: Uint8Array;
  /** When the change was made, milliseconds since 1970. */
  at: number;
}

/**
 * Notes a change in the transaction that makes it, so that both happen or
 * neither. Gives the entry's version, gapless per topic and starting at 1; a
 * transaction that rolls back gives its versions back.
 */
export async function appendOutbox<S extends OutboxTables>(
  trx: Transaction<S>,
  entry: OutboxEntry,
): Promise<{ topic: string; version: number }> {
  const { topic, kind, payload, at } = entry;
  const tables = trx as unknown as Transaction<OutboxTables>;
  const version = await nextVersion(tables, topic);
  await tables
    .insertInto('outbox')
    .values({ topic, version, kind, payload, created_at: at, sent_at: null })
    .execute();
  return { topic, version };
}

/** The UPDATE comes first: it locks the topic's row until COMMIT, so versions are committed in order. */
async function nextVersion(trx: Transaction<OutboxTables>, topic: string): Promise<number> {
  if (!(await countUp(trx, topic))) {
    try {
      await trx.insertInto('outbox_topic').values({ topic, version: 1 }).execute();
      return 1;
    } catch (error) {
      // Where several transactions write at once, another may have just made it.
      if (!isUniqueViolation(error)) throw error;
      await countUp(trx, topic);
    }
  }
  const row = await trx
    .selectFrom('outbox_topic')
    .select('version')
    .where('topic', '=', topic)
    .executeTakeFirstOrThrow();
  return row.version;
}

async function countUp(trx: Transaction<OutboxTables>, topic: string): Promise<boolean> {
  const result = await trx
    .updateTable('outbox_topic')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('topic', '=', topic)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
