import type { Kysely, Transaction } from 'kysely';
import type { OutboxTables } from './outbox-tables.ts';

type Reader = Kysely<OutboxTables>;
type Writer = Transaction<OutboxTables>;

/** The first topic after `after` (by the database's order) that has an unsent row. */
export async function nextUnsentTopic(db: Reader, after: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select('topic')
    .where('sent_at', 'is', null)
    .where('topic', '>', after)
    .orderBy('topic')
    .limit(1)
    .executeTakeFirst();
  return row?.topic;
}

/** Unsent rows of a topic above a version, oldest first. */
export async function unsentRows(db: Reader, topic: string, above: number, limit: number) {
  return db
    .selectFrom('outbox')
    .select(['topic', 'version', 'kind', 'payload', 'created_at as createdAt'])
    .where('sent_at', 'is', null)
    .where('topic', '=', topic)
    .where('version', '>', above)
    .orderBy('version')
    .limit(limit)
    .execute();
}

/** The newest version of a topic that is not marked as sent. */
export async function newestUnsentVersion(db: Reader, topic: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select('version')
    .where('sent_at', 'is', null)
    .where('topic', '=', topic)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.version;
}

/** When the oldest unsent row was made. */
export async function oldestUnsentAt(db: Reader): Promise<number | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select('created_at')
    .where('sent_at', 'is', null)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  return row?.created_at;
}

/** Marks a topic's unsent rows up to a version as sent. */
export async function markSent(trx: Writer, topic: string, upTo: number, at: number): Promise<void> {
  await trx
    .updateTable('outbox')
    .set({ sent_at: at })
    .where('sent_at', 'is', null)
    .where('topic', '=', topic)
    .where('version', '<=', upTo)
    .execute();
}

/** Takes back the marks of a topic's rows from a version on. */
export async function markUnsent(trx: Writer, topic: string, from: number): Promise<void> {
  await trx
    .updateTable('outbox')
    .set({ sent_at: null })
    .where('topic', '=', topic)
    .where('version', '>=', from)
    .where('sent_at', 'is not', null)
    .execute();
}

/** Some rows that were sent before a time, as keys. */
export async function sentBefore(db: Reader, time: number, limit: number) {
  return db
    .selectFrom('outbox')
    .select(['topic', 'version'])
    .where('sent_at', '<', time)
    .orderBy('sent_at')
    .limit(limit)
    .execute();
}

export async function deleteRow(trx: Writer, topic: string, version: number): Promise<void> {
  await trx.deleteFrom('outbox').where('topic', '=', topic).where('version', '=', version).execute();
}
