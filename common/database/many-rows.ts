import { CompiledQuery } from 'kysely';

/** What a statement on many rows does with each, for engines that do them all at once. */
export type RowsShape =
  | { readonly kind: 'read'; readonly table: string; readonly keyColumns: readonly string[] }
  | { readonly kind: 'insert'; readonly table: string; readonly columns: readonly string[] }
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly columns: readonly string[];
      readonly keyColumns: readonly string[];
    };

/**
 * One statement for many rows. SQLite's connection runs it once a row, a tenth
 * of what as many single queries cost; MySQL's makes one statement of them.
 */
export interface ManyRows extends CompiledQuery {
  /** Each row's parameters of `sql`: a key, the columns, or the columns and then the key. */
  readonly parametersOfRows: readonly (readonly unknown[])[];
  readonly shape: RowsShape;
}

export function manyRows(
  sql: string,
  shape: RowsShape,
  parametersOfRows: readonly (readonly unknown[])[],
): ManyRows {
  return { ...CompiledQuery.raw(sql), shape, parametersOfRows };
}

export function isManyRows(query: CompiledQuery): query is ManyRows {
  return 'parametersOfRows' in query;
}
