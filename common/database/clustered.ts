import { type CreateTableBuilder, type Kysely, SqliteAdapter, sql } from 'kysely';

/**
 * Has a table kept in the order of its primary key, rows and key in one tree.
 * MySQL always does; SQLite otherwise keeps a tree of rows and one of keys, and
 * every insert writes to both. For rows of up to a few kilobytes.
 */
export function clustered<Table extends string, Column extends string>(
  db: Pick<Kysely<unknown>, 'getExecutor'>,
  table: CreateTableBuilder<Table, Column>,
): CreateTableBuilder<Table, Column> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  return isSqlite ? table.modifyEnd(sql`without rowid`) : table;
}
