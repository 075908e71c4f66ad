import { type Dialect, type Driver, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { SqliteConnection } from './sqlite-connection.ts';

/** Decides when a query or a transaction may have the connection. */
export interface Gate {
  enter(): Promise<void>;
  leave(): void;
}

export interface SqliteDialectOptions {
  connection: SqliteConnection;
  gate: Gate;
  /** How transactions begin; 'none': there are none here, only single queries. */
  begin: 'immediate' | 'deferred' | 'none';
  /** Single queries outside a transaction are refused. */
  onlyInTransactions: boolean;
}

/** A Kysely dialect on one connection of node:sqlite, which stays the caller's to close. */
export function createSqliteDialect(options: SqliteDialectOptions): Dialect {
  return {
    createAdapter: () => new GatedAdapter(),
    createDriver: () => createDriver(options),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class GatedAdapter extends SqliteAdapter {
  // One connection, but behind a gate of ours: Kysely's own mutex wakes every
  // waiter at every release and lets newcomers overtake.
  override get supportsMultipleConnections(): boolean {
    return true;
  }

  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function createDriver({ connection, gate, begin, onlyInTransactions }: SqliteDialectOptions): Driver {
  const { native } = connection;
  // Kysely talks to this object; a database that rolled back by itself (disk
  // full) would otherwise go on statement by statement without a transaction.
  const guarded = !onlyInTransactions
    ? connection
    : {
        executeQuery: (query: Parameters<typeof connection.executeQuery>[0]) => {
          if (!native.isTransaction) return Promise.reject(new Error('there is no transaction any more'));
          return connection.executeQuery<never>(query);
        },
        streamQuery: connection.streamQuery,
      };

  function rollback(): void {
    if (native.isTransaction) connection.run('rollback');
  }

  return {
    async init() {},
    async acquireConnection() {
      await gate.enter();
      return guarded;
    },
    async releaseConnection() {
      gate.leave();
    },
    async beginTransaction() {
      if (begin === 'none') throw new Error('use transaction() or snapshot() of the database');
      rollback(); // what an earlier failed ROLLBACK may have left
      connection.run(`begin ${begin}`);
    },
    async commitTransaction() {
      connection.run('commit');
    },
    async rollbackTransaction() {
      rollback();
    },
    async destroy() {},
  };
}
