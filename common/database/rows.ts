import { CompiledQuery, type QueryResult } from 'kysely';

/**
 * Statements on single rows by key, their text made once, for paths where a
 * query builder's work a row would cost more than the row. The same text for
 * both engines; column and table names are constants of the code, never input.
 */

/** A database or transaction, whatever its schema. */
export interface RowExecutor {
  executeQuery<R>(query: CompiledQuery<R>): Promise<QueryResult<R>>;
}

/** Reads the rows with these keys, in any order; keys without a row are left out. */
export function rowReader<Row>(table: string, keyColumns: readonly (keyof Row & string)[]) {
  const text = `select * from ${quoted(table)} where ${equalities(keyColumns, ' and ')}`;
  return async (db: RowExecutor, keys: readonly (readonly unknown[])[]): Promise<Row[]> => {
    const rows: Row[] = [];
    for (const key of keys) {
      const result = await db.executeQuery<Row>(CompiledQuery.raw(text, [...key]));
      rows.push(...result.rows);
    }
    return rows;
  };
}

/** Inserts rows; a row that is there already is an error. */
export function rowInserter<Row extends object>(table: string, columns: readonly (keyof Row & string)[]) {
  const places = columns.map(() => '?').join(', ');
  const text = `insert into ${quoted(table)} (${columns.map(quoted).join(', ')}) values (${places})`;
  return async (db: RowExecutor, rows: readonly Row[]): Promise<void> => {
    for (const row of rows) {
      await db.executeQuery(
        CompiledQuery.raw(
          text,
          columns.map((column) => row[column]),
        ),
      );
    }
  };
}

/** Sets these columns of the rows with these keys. */
export function rowUpdater<Row extends object>(
  table: string,
  keyColumns: readonly (keyof Row & string)[],
  columns: readonly (keyof Row & string)[],
) {
  const text = `update ${quoted(table)} set ${equalities(columns, ', ')} where ${equalities(keyColumns, ' and ')}`;
  const order = [...columns, ...keyColumns];
  return async (db: RowExecutor, rows: readonly Pick<Row, keyof Row>[]): Promise<void> => {
    for (const row of rows) {
      await db.executeQuery(
        CompiledQuery.raw(
          text,
          order.map((column) => row[column]),
        ),
      );
    }
  };
}

function equalities(columns: readonly string[], separator: string): string {
  return columns.map((column) => `${quoted(column)} = ?`).join(separator);
}

/** Backquotes are read by both engines, also around words that are keywords in one of them. */
function quoted(name: string): string {
  return `\`${name}\``;
}
