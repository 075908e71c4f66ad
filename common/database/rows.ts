import type { CompiledQuery, QueryResult } from 'kysely';
import { manyRows, type RowsShape } from './many-rows.ts';

/**
 * Statements on single rows by key, their text made once, for paths where a
 * query builder's work a row would cost more than the row. The same text for
 * both engines; column and table names are constants of the code, never input.
 */

/** A database or transaction, whatever its schema. */
export interface RowExecutor {
  executeQuery<R>(query: CompiledQuery<R>): Promise<QueryResult<R>>;
}

/**
 * Reads the rows with these keys; keys without a row are left out. The columns
 * are the primary key or its beginning. Rows of one key come in the order of the
 * primary key; which key's rows come first is not said.
 */
export function rowReader<Row>(table: string, keyColumns: readonly (keyof Row & string)[]) {
  const text = `select * from ${quoted(table)} where ${equalities(keyColumns, ' and ')}`;
  const shape: RowsShape = { kind: 'read', table, keyColumns };
  return async (db: RowExecutor, keys: readonly (readonly unknown[])[]): Promise<Row[]> => {
    if (keys.length === 0) return [];
    return (await db.executeQuery(manyRows(text, shape, keys))).rows as Row[];
  };
}

/** Inserts rows; a row that is there already is an error. */
export function rowInserter<Row extends object>(table: string, columns: readonly (keyof Row & string)[]) {
  const places = columns.map(() => '?').join(', ');
  const text = `insert into ${quoted(table)} (${columns.map(quoted).join(', ')}) values (${places})`;
  const shape: RowsShape = { kind: 'insert', table, columns };
  return (db: RowExecutor, rows: readonly Row[]) => write(db, text, shape, rows, columns);
}

/** Sets these columns of the rows with these keys, each row once; the key columns are the primary key. */
export function rowUpdater<Row extends object>(
  table: string,
  keyColumns: readonly (keyof Row & string)[],
  columns: readonly (keyof Row & string)[],
) {
  const text = `update ${quoted(table)} set ${equalities(columns, ', ')} where ${equalities(keyColumns, ' and ')}`;
  const shape: RowsShape = { kind: 'update', table, columns, keyColumns };
  const all = [...columns, ...keyColumns];
  return (db: RowExecutor, rows: readonly Row[]) => write(db, text, shape, rows, all);
}

async function write<Row extends object>(
  db: RowExecutor,
  text: string,
  shape: RowsShape,
  rows: readonly Row[],
  columns: readonly (keyof Row & string)[],
): Promise<void> {
  if (rows.length === 0) return;
  const parameters = rows.map((row) => columns.map((column) => row[column]));
  await db.executeQuery(manyRows(text, shape, parameters));
}

function equalities(columns: readonly string[], separator: string): string {
  return columns.map((column) => `${quoted(column)} = ?`).join(separator);
}

/** Backquotes are read by both engines, also around words that are keywords in one of them. */
function quoted(name: string): string {
  return `\`${name}\``;
}
