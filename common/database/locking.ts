import { type Kysely, type SelectQueryBuilder, SqliteAdapter, sql } from 'kysely';

/**
 * Locks the rows a query finds until the transaction ends, so that nothing of
 * them changes between reading and writing. On SQLite a writing transaction is
 * alone anyway. Queries by a whole key only: others lock all they look at.
 */
export function forUpdate<DB, T extends keyof DB, O>(
  db: Pick<Kysely<DB>, 'getExecutor'>,
  query: SelectQueryBuilder<DB, T, O>,
): SelectQueryBuilder<DB, T, O> {
  return isSqlite(db) ? query : query.forUpdate();
}

/** The same, but rows that another transaction has locked are left out instead of waited for. */
export function forUpdateSkipLocked<DB, T extends keyof DB, O>(
  db: Pick<Kysely<DB>, 'getExecutor'>,
  query: SelectQueryBuilder<DB, T, O>,
): SelectQueryBuilder<DB, T, O> {
  return isSqlite(db) ? query : query.forUpdate().skipLocked();
}

/** A table to be read by its primary key, whatever the statistics say: what else is looked at would be locked too. */
export function byPrimaryKey(db: Pick<Kysely<unknown>, 'getExecutor'>, table: string) {
  const force = isSqlite(db) ? sql`` : sql` force index (primary)`;
  return sql`${sql.table(table)}${force}`;
}

function isSqlite(db: Pick<Kysely<never>, 'getExecutor'>): boolean {
  return db.getExecutor().adapter instanceof SqliteAdapter;
}
