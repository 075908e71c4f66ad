import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { LRUCache } from 'lru-cache';
import { isManyRows } from './many-rows.ts';
import { toSqliteParameters } from './sqlite-parameters.ts';

/** Prepared statements a connection keeps. Preparing costs as much as running a small query. */
const STATEMENTS_KEPT = 256;

interface Prepared {
  readonly statement: StatementSync;
  /** Decides between all() and run(): only run() tells how many rows changed. */
  readonly givesRows: boolean;
}

/** A Kysely connection that can also be driven by hand. */
export interface SqliteConnection extends DatabaseConnection {
  readonly native: DatabaseSync;
  /** Runs a statement without parameters and results. */
  run(sql: string): void;
}

function runMany(
  statement: StatementSync,
  givesRows: boolean,
  parametersOfRows: readonly (readonly unknown[])[],
): unknown[] {
  const found: unknown[] = [];
  for (const parameters of parametersOfRows) {
    const values = toSqliteParameters(parameters);
    if (givesRows) for (const row of statement.all(...values)) found.push(row);
    else statement.run(...values);
  }
  return found;
}

/** Wraps an open node:sqlite connection. Everything runs at once; the promises are a thin shell. */
export function createSqliteConnection(native: DatabaseSync): SqliteConnection {
  const statements = new LRUCache<string, Prepared>({ max: STATEMENTS_KEPT });

  function prepare(sql: string): Prepared {
    let prepared = statements.get(sql);
    if (prepared === undefined) {
      const statement = native.prepare(sql);
      prepared = { statement, givesRows: statement.columns().length > 0 };
      statements.set(sql, prepared);
    }
    return prepared;
  }

  return {
    native,
    run(sql) {
      prepare(sql).statement.run();
    },
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const { statement, givesRows } = prepare(query.sql);
      if (isManyRows(query)) return { rows: runMany(statement, givesRows, query.parametersOfRows) as R[] };
      const values = toSqliteParameters(query.parameters);
      if (givesRows) return { rows: statement.all(...values) as R[] };
      const { changes, lastInsertRowid } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    },
    // A stream would keep its read transaction open between two turns of the
    // event loop, and every other query of the connection would see the past.
    // biome-ignore lint/correctness/useYield: it only throws.
    async *streamQuery() {
      throw new Error('queries are not streamed from SQLite: read pages');
    },
  };
}
