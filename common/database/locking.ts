import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely';

/**
 * What a query says to lock rows. On SQLite nothing: a writing transaction is
 * alone there. Queries by a whole key only, since others lock all they look at.
 */

type Db = Pick<Kysely<never>, 'getExecutor'>;

/** At the end of a query (`modifyEnd`): its rows are the transaction's own until it ends, after waiting for others' locks. */
export function forUpdate(db: Db): RawBuilder<unknown> {
  return onMysql(db, sql`for update`);
}

/** The same, but rows that another transaction has locked are left out. */
export function forUpdateSkipLocked(db: Db): RawBuilder<unknown> {
  return onMysql(db, sql`for update skip locked`);
}

/** Behind a table's name: it is read by its primary key, whatever the statistics say. */
export function byPrimaryKey(db: Db): RawBuilder<unknown> {
  return onMysql(db, sql`force index (primary)`);
}

function onMysql(db: Db, text: RawBuilder<unknown>): RawBuilder<unknown> {
  return db.getExecutor().adapter instanceof SqliteAdapter ? sql`` : text;
}
