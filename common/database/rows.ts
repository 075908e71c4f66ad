import type { CompiledQuery, QueryResult } from 'kysely';
import { manyRows } from './many-rows.ts';

/**
 * Statements on single rows by key, their text made once, for paths where a
 * query builder's work a row would cost more than the row. The same text for
 * both engines; column and table names are constants of the code, never input.
 */

/** A database or transaction, whatever its schema. */
export interface RowExecutor {
  executeQuery<R>(query: CompiledQuery<R>): Promise<QueryResult<R>>;
}

/** Reads the rows with these keys, in their order; keys without a row are left out. */
export function rowReader<Row>(table: string, keyColumns: readonly (keyof Row & string)[]) {
  const text = `select * from ${quoted(table)} where ${equalities(keyColumns, ' and ')}`;
  return async (db: RowExecutor, keys: readonly (readonly unknown[])[]): Promise<Row[]> => {
    if (keys.length === 0) return [];
    return (await db.executeQuery(manyRows(text, keys))).rows as Row[];
  };
}

/** Inserts rows; a row that is there already is an error. */
export function rowInserter<Row extends object>(table: string, columns: readonly (keyof Row & string)[]) {
  const places = columns.map(() => '?').join(', ');
  const text = `insert into ${quoted(table)} (${columns.map(quoted).join(', ')}) values (${places})`;
  return (db: RowExecutor, rows: readonly Row[]) => write(db, text, rows, columns);
}

/** Sets these columns of the rows with these keys. */
export function rowUpdater<Row extends object>(
  table: string,
  keyColumns: readonly (keyof Row & string)[],
  columns: readonly (keyof Row & string)[],
) {
  const text = `update ${quoted(table)} set ${equalities(columns, ', ')} where ${equalities(keyColumns, ' and ')}`;
  return (db: RowExecutor, rows: readonly Row[]) => write(db, text, rows, [...columns, ...keyColumns]);
}

async function write<Row extends object>(
  db: RowExecutor,
  text: string,
  rows: readonly Row[],
  columns: readonly (keyof Row & string)[],
): Promise<void> {
  if (rows.length === 0) return;
  const parameters = rows.map((row) => columns.map((column) => row[column]));
  await db.executeQuery(manyRows(text, parameters));
}

function equalities(columns: readonly string[], separator: string): string {
  return columns.map((column) => `${quoted(column)} = ?`).join(separator);
}

/** Backquotes are read by both engines, also around words that are keywords in one of them. */
function quoted(name: string): string {
  return `\`${name}\``;
}
