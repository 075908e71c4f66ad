import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely';
import type { Table } from './table.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Key = readonly unknown[];

/** Rows of a page: much less than what a statement may hold, also where each is a long message. */
export const PAGE = 500;

/** All rows after a key, in the order of the primary key, which is that of bytes and numbers in both engines. */
export async function* pagesOf(
  db: Kysely<unknown>,
  table: Table,
  after?: Key,
  page = PAGE,
): AsyncGenerator<Row[]> {
  const columns = sql.join(table.columns.map((name) => sql.ref(name)));
  const order = sql.join(table.key.map((name) => sql.ref(name)));
  const index = isSqlite(db) ? sql`` : sql`force index (primary)`;
  for (let last = after; ; ) {
    const where = last === undefined ? sql`` : sql`where ${above(db, table.key, last)}`;
    const { rows } = await sql<Row>`
      select ${columns} from ${sql.table(table.name)} ${index} ${where} order by ${order} limit ${sql.lit(page)}`.execute(
      db,
    );
    if (rows.length > 0) yield rows;
    if (rows.length < page) return;
    last = keyOf(table, rows.at(-1)!);
  }
}

/** The key of the last row; undefined where there is none. */
export async function lastKey(db: Kysely<unknown>, table: Table): Promise<Key | undefined> {
  const columns = sql.join(table.key.map((name) => sql.ref(name)));
  const order = sql.join(table.key.map((name) => sql`${sql.ref(name)} desc`));
  const { rows } = await sql<Row>`
    select ${columns} from ${sql.table(table.name)} order by ${order} limit 1`.execute(db);
  return rows[0] && keyOf(table, rows[0]);
}

function keyOf(table: Table, row: Row): Key {
  return table.key.map((name) => row[name]);
}

/**
 * Each engine finds its place by the key in one of these forms (MySQL 9.7: "index range scan", nothing sorted),
 * and reads everything before it in the other.
 */
function above(db: Kysely<unknown>, names: readonly string[], key: Key): RawBuilder<unknown> {
  const columns = names.map((name) => sql.ref(name));
  if (isSqlite(db)) return sql`(${sql.join(columns)}) > (${sql.join(key.map((value) => sql`${value}`))})`;
  const cases = columns.map((column, place) => {
    const equal = columns.slice(0, place).map((before, index) => sql`${before} = ${key[index]}`);
    return sql`(${sql.join([...equal, sql`${column} > ${key[place]}`], sql` and `)})`;
  });
  return sql`(${sql.join(cases, sql` or `)})`;
}

function isSqlite(db: Kysely<unknown>): boolean {
  return db.getExecutor().adapter instanceof SqliteAdapter;
}
