import { sql } from 'kysely';
import type { Migration } from '../database/database.ts';

/** Rows of changes that another service must learn, written in the transaction of the change. */
export interface OutboxTable {
  topic: string;
  /** Gapless within the topic, from 1, in the order of the commits. */
  version: number;
  /** Tells the relay's `send` what the payload is. */
  kind: string;
  payload: Uint8Array;
  /** Milliseconds since 1970. */
  created_at: number;
  /** Null until the receiver has confirmed the row. */
  sent_at: number | null;
}

/** The last version given in each topic; outlives the rows. */
export interface OutboxTopicTable {
  topic: string;
  version: number;
}

/** To be intersected with the schema of a service that has an outbox. */
export interface OutboxTables {
  outbox: OutboxTable;
  outbox_topic: OutboxTopicTable;
}

/** The step that makes the outbox; a service lists it among its own migrations. */
export const outboxMigration: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('outbox_topic')
      .addColumn('topic', 'varchar(128)', (column) => column.notNull().primaryKey())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .execute();
    await trx.schema
      .createTable('outbox')
      .addColumn('topic', 'varchar(128)', (column) => column.notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'varchar(32)', (column) => column.notNull())
      // MySQL's plain blob ends at 64 KiB; to SQLite any name with BLOB is a blob.
      .addColumn('payload', sql`mediumblob`, (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('sent_at', 'bigint')
      .addPrimaryKeyConstraint('outbox_pk', ['topic', 'version'])
      .execute();
    // What the relay looks for: topics with unsent rows, and their rows in order.
    await trx.schema
      .createIndex('outbox_unsent')
      .on('outbox')
      .columns(['sent_at', 'topic', 'version'])
      .execute();
    // The age of the oldest unsent row, and sent rows that are old enough to go.
    await trx.schema.createIndex('outbox_age').on('outbox').columns(['sent_at', 'created_at']).execute();
  },
};
