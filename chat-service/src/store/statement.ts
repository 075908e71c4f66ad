import type { RowExecutor } from '@im/common/database/rows.ts';
import { CompiledQuery } from 'kysely';

/**
 * A query that reads, its text made once: on paths that run it for every
 * conversation, a query builder's work would cost more than the query. The
 * text is a constant of the code and the same for both engines.
 */
export function statement<Row>(text: string) {
  return async (db: RowExecutor, parameters: readonly unknown[]): Promise<Row[]> =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows;
}
