import type { Kysely, Transaction } from 'kysely';

/**
 * A service's own database.
 *
 * Up to `writers` writing transactions run at once, each alone on its
 * connection; a transaction that throws leaves nothing behind; one that returned
 * is on disk. Where several run at once, what a transaction reads may change
 * before it writes: it first locks what its writing depends on (an UPDATE, or
 * `forUpdate`), or relies on a unique key.
 */
export interface Database<S> {
  /** How many writing transactions run at once; more wait for their turn, in the order they came. */
  readonly writers: number;
  /** For single queries that only read. Sees what is committed. */
  readonly read: Kysely<S>;
  /**
   * Runs `work` in a writing transaction and returns after its COMMIT. Not reentrant.
   *
   * `work` may run again, in a new transaction, when the database undid it
   * before COMMIT (deadlock, lock, lost connection): it has no effect but through
   * `trx` and its result. An error of COMMIT itself is thrown as it is: whether it
   * was done is not known then.
   */
  transaction<T>(work: (trx: Transaction<S>) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs several reads on one consistent picture of the data. `work` may run again, as that of a transaction. */
  snapshot<T>(work: (trx: Transaction<S>) => Promise<T>): Promise<T>;
  /** Resolves when the database answers, rejects when it does not, soon in either case. */
  reachable(): Promise<void>;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /** Never runs `work` again: the caller sees every error. */
  once?: boolean;
}

/**
 * One forward step of a schema. Statements must be the same for every engine or
 * use the helpers of this folder.
 *
 * On SQLite a step is a transaction. On MySQL a process may die in the middle of
 * one; the step then runs again from its beginning, where statements that make
 * or drop something that is already so count as done. So what changes rows must
 * be harmless when it runs twice.
 */
export interface Migration {
  up(trx: Transaction<unknown>): Promise<void>;
}

/** Steps by name (`0001-accounts`), run in the order of their names, each once, under a lock. */
export type Migrations = Readonly<Record<string, Migration>>;
