import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import mysql, { type Connection, type FieldPacket, type ResultSetHeader } from 'mysql2';
import { DatabaseAwayError, isTransient } from './errors.ts';
import { isManyRows } from './many-rows.ts';
import { manyRowsTexts } from './mysql-many-rows.ts';
import { bindParameters } from './mysql-parameters.ts';

/** Column types in a result's description. */
const BIGINT = 8;
const BLOBS = new Set([249, 250, 251, 252]);
/** Bit of the status that comes with each answer: a transaction is open. */
const IN_TRANSACTION = 1;

export interface MysqlSessionOptions {
  /** `mysql://user:password@host:3306/schema`. */
  url: string;
  /** Session variables beside those every session has. */
  variables: Readonly<Record<string, string | number>>;
  connectTimeoutMs: number;
  /** For each statement: then the session is closed, and what became of the statement is unknown. */
  statementTimeoutMs: number;
  /** Told how long each statement took; its text is without parameters. */
  onStatement?: (text: string, ms: number) => void;
}

/** One connection to MySQL. Statements run one after another. */
export interface MysqlSession extends DatabaseConnection {
  /** Closed, or in a state that nobody knows: not to be used again. */
  readonly broken: boolean;
  /** The server's number for it. */
  readonly id: number;
  begin(text: string): Promise<void>;
  /** What undid the transaction, if something has: then there is nothing to commit. */
  readonly undone: Error | undefined;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Runs a statement that is complete as it stands. */
  run(text: string): Promise<unknown[]>;
  /** Says good-bye and closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/**
 * What every session agrees on: errors rather than silent changes of values,
 * backslashes that escape (`bindParameters` relies on it), literals that compare
 * by bytes as the columns do.
 */
const VARIABLES = {
  sql_mode:
    'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
  collation_connection: 'utf8mb4_0900_bin',
  time_zone: '+00:00',
};

export async function openMysqlSession(options: MysqlSessionOptions): Promise<MysqlSession> {
  const { statementTimeoutMs, onStatement } = options;
  const connection = await connect(options);
  let broken = false;
  /** 'open' while a transaction is; an error once something undid it, so that nothing is written without one. */
  let transaction: 'none' | 'open' | Error = 'none';

  connection.on('error', () => {
    broken = true;
  });
  connection.on('end', () => {
    broken = true;
  });

  function destroy(): void {
    broken = true;
    connection.destroy();
  }

  async function send(text: string, name: string): Promise<QueryResult<unknown>> {
    if (broken) throw new DatabaseAwayError('DATABASE_CONNECTION_LOST', 'the connection was lost');
    const started = performance.now();
    try {
      return resultOf(await ask(text));
    } finally {
      onStatement?.(name, performance.now() - started);
    }
  }

  function ask(text: string): Promise<[unknown, FieldPacket[] | undefined]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        destroy();
        reject(
          new DatabaseAwayError('DATABASE_TIMEOUT', `MySQL gave no answer within ${statementTimeoutMs} ms`),
        );
      }, statementTimeoutMs);
      connection.query(text, (error, result, fields) => {
        clearTimeout(timer);
        if (error === null) resolve([result, fields]);
        else reject(failed(error));
      });
    });
  }

  function failed(error: mysql.QueryError): Error {
    // After these the server has said good-bye, or nobody knows what it thinks.
    if (error.fatal || LAST_WORDS.has(error.code)) destroy();
    if (error.code !== undefined) return error;
    return new DatabaseAwayError('DATABASE_CONNECTION_LOST', 'the connection was lost', { cause: error });
  }

  function resultOf([result, fields]: [unknown, FieldPacket[] | undefined]): QueryResult<unknown> {
    if (Array.isArray(result)) {
      tidy(result as Record<string, unknown>[], fields ?? []);
      return { rows: result };
    }
    const { affectedRows, insertId, serverStatus } = result as ResultSetHeader & { serverStatus?: number };
    if (transaction === 'open' && serverStatus !== undefined && !(serverStatus & IN_TRANSACTION)) {
      transaction = new Error('there is no transaction any more');
    }
    return { rows: [], numAffectedRows: BigInt(affectedRows), insertId: BigInt(insertId) };
  }

  /** A statement of a transaction; none runs once the transaction is lost. */
  async function inTransaction(text: string, name: string): Promise<QueryResult<unknown>> {
    if (transaction instanceof Error) throw transaction;
    try {
      return await send(text, name);
    } catch (error) {
      // A deadlock undoes all of it, a lock that did not come only the statement: either way it must begin anew.
      if (transaction === 'open' && isTransient(error)) transaction = error as Error;
      throw error;
    }
  }

  async function executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (!isManyRows(query)) {
      return (await inTransaction(bindParameters(query.sql, query.parameters), query.sql)) as QueryResult<R>;
    }
    const found: unknown[] = [];
    for (const text of manyRowsTexts(query)) {
      const { rows } = await inTransaction(text, query.sql);
      for (const row of rows) found.push(row);
    }
    return { rows: found as R[] };
  }

  const session: MysqlSession = {
    get broken() {
      return broken;
    },
    id: connection.threadId!,
    executeQuery,
    // biome-ignore lint/correctness/useYield: it only throws.
    async *streamQuery() {
      throw new Error('queries are not streamed: read pages');
    },
    run: async (text) => (await send(text, text)).rows,
    async begin(text) {
      await send(text, text);
      transaction = 'open';
    },
    get undone() {
      if (transaction instanceof Error) return transaction;
      if (broken) return new DatabaseAwayError('DATABASE_CONNECTION_LOST', 'the connection was lost');
      return undefined;
    },
    async commit() {
      transaction = 'none';
      await send('commit', 'commit');
    },
    async rollback() {
      transaction = 'none';
      if (broken) return;
      try {
        await send('rollback', 'rollback');
      } catch {
        // Without the connection there is no transaction.
        destroy();
      }
    },
    end() {
      broken = true;
      connection.end(() => {});
    },
    destroy,
  };

  const variables = Object.entries({ ...VARIABLES, ...options.variables });
  try {
    await session.run(
      `set ${variables.map(([name, value]) => `session ${name} = ${literal(value)}`).join(', ')}`,
    );
  } catch (error) {
    destroy();
    throw error;
  }
  return session;
}

/** Errors that the server sends before it closes a connection. */
const LAST_WORDS = new Set<string | undefined>([
  'ER_ABORTING_CONNECTION',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_NEW_ABORTING_CONNECTION',
  'ER_SERVER_SHUTDOWN',
]);

function connect({ url, connectTimeoutMs }: MysqlSessionOptions): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const connection = mysql.createConnection({
      uri: url,
      connectTimeout: connectTimeoutMs,
      charset: 'utf8mb4',
      multipleStatements: false,
      // Beyond 2^53 as text, which is then refused.
      supportBigNumbers: true,
      flags: ['-LOCAL_FILES', '-IGNORE_SPACE'],
    });
    // A server that accepts the connection and then says nothing.
    const timer = setTimeout(() => {
      connection.destroy();
      reject(new DatabaseAwayError('DATABASE_TIMEOUT', `MySQL did not greet within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    const settle = (error?: Error | null) => {
      clearTimeout(timer);
      if (error) {
        connection.destroy();
        reject(error);
      } else resolve(connection);
    };
    connection.once('error', settle);
    connection.once('connect', () => {
      connection.off('error', settle);
      settle();
    });
  });
}

/**
 * Makes of each value what the stores expect: a BIGINT is a number, refused when
 * it came as text because it would be another one; bytes are a Uint8Array of
 * their own, not a piece of the network's buffer.
 */
function tidy(rows: readonly Record<string, unknown>[], fields: readonly FieldPacket[]): void {
  for (const { name, columnType } of fields) {
    if (columnType === BIGINT) {
      for (const row of rows) {
        if (typeof row[name] === 'string') throw new RangeError(`${name} is too large for a JS number`);
      }
    } else if (BLOBS.has(columnType!)) {
      for (const row of rows) {
        const value = row[name];
        if (value instanceof Uint8Array) row[name] = new Uint8Array(value);
      }
    }
  }
}

function literal(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value}'`;
}
