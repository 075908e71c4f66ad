import type { Kysely, Transaction } from 'kysely';

/**
 * A service's own database.
 *
 * One writing transaction runs at a time for each writing connection; a
 * transaction that throws leaves nothing behind; one that returned is on disk.
 */
export interface Database<S> {
  /** For single queries that only read. Sees what is committed. */
  readonly read: Kysely<S>;
  /** Runs `work` in a writing transaction and returns after its COMMIT. Not reentrant. */
  transaction<T>(work: (trx: Transaction<S>) => Promise<T>): Promise<T>;
  /** Runs several reads on one consistent picture of the data. */
  snapshot<T>(work: (trx: Transaction<S>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One forward step of a schema. Statements must be the same for every engine or use the helpers of this folder. */
export interface Migration {
  up(trx: Transaction<unknown>): Promise<void>;
}

/** Steps by name (`0001-accounts`), run in the order of their names, each once, under a lock. */
export type Migrations = Readonly<Record<string, Migration>>;
