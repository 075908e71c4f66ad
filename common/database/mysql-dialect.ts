import {
  type CreateTableNode,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
} from 'kysely';
import { DatabaseAwayError, isTransient } from './errors.ts';
import type { MysqlPool } from './mysql-pool.ts';
import type { MysqlSession } from './mysql-session.ts';

/**
 * Text is compared by its bytes, in keys and everywhere: 0900_bin, because
 * utf8mb4_bin takes 'a' and 'a ' for the same.
 */
const TABLE_OPTIONS = ' engine = InnoDB default character set utf8mb4 collate utf8mb4_0900_bin';

/** How many connections in a row may turn out to be lost: the server may have ended all that were kept. */
const MOST_LOST = 3;

/** A dialect whose every transaction has a session of the pool to itself; there are no single queries. */
export function createTransactionDialect(options: {
  pool: MysqlPool;
  /** The statement that begins one. */
  begin: string;
  /** Told the error of a COMMIT: whether it was done is not known. */
  onDoubt?: (error: unknown) => void;
}): Dialect {
  const { pool, begin, onDoubt } = options;

  /** A session in a transaction. A kept one may turn out to be lost; nothing was asked of it yet, so another does. */
  async function acquire(): Promise<MysqlSession> {
    for (let attempt = 0; ; attempt++) {
      const session = await pool.acquire();
      try {
        await session.begin(begin);
        return session;
      } catch (error) {
        pool.release(session);
        if (attempt === MOST_LOST || !session.broken || isTimeout(error)) throw error;
      }
    }
  }

  return dialect({
    acquireConnection: acquire,
    async beginTransaction() {},
    async commitTransaction(connection) {
      const session = connection as MysqlSession;
      if (session.undone !== undefined) throw session.undone;
      try {
        await session.commit();
      } catch (error) {
        onDoubt?.(error);
        throw error;
      }
    },
    rollbackTransaction: (session) => (session as MysqlSession).rollback(),
    async releaseConnection(session) {
      pool.release(session as MysqlSession);
    },
  });
}

/** A dialect for single queries that only read, each on whichever session is free. */
export function createReadDialect(pool: MysqlPool): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery(query) {
      for (let attempt = 0; ; attempt++) {
        const session = await pool.acquire();
        try {
          return await session.executeQuery<never>(query);
        } catch (error) {
          // Reading twice is harmless; what took too long once is not tried again.
          if (attempt === MOST_LOST || !session.broken || isTimeout(error) || !isTransient(error))
            throw error;
        } finally {
          pool.release(session);
        }
      }
    },
    // biome-ignore lint/correctness/useYield: it only throws.
    async *streamQuery() {
      throw new Error('queries are not streamed: read pages');
    },
  };
  return dialect({
    acquireConnection: async () => connection,
    async beginTransaction() {
      throw new Error('use transaction() or snapshot() of the database');
    },
    async commitTransaction() {},
    async rollbackTransaction() {},
    async releaseConnection() {},
  });
}

/** A dialect on one connection, whose statements each stand for themselves; for migrations. */
export function createConnectionDialect(connection: DatabaseConnection): Dialect {
  return dialect({
    acquireConnection: async () => connection,
    async beginTransaction() {
      throw new Error('a migration is no transaction on MySQL');
    },
    async commitTransaction() {},
    async rollbackTransaction() {},
    async releaseConnection() {},
  });
}

function isTimeout(error: unknown): boolean {
  return error instanceof DatabaseAwayError && error.code === 'DATABASE_TIMEOUT';
}

function dialect(driver: Omit<Driver, 'init' | 'destroy'>): Dialect {
  return {
    createAdapter: () => new MysqlAdapter(),
    createDriver: () => ({ ...driver, async init() {}, async destroy() {} }),
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new TableOptionsCompiler(),
  };
}

/** Says with each table how it is kept, whatever the schema's own defaults are. */
class TableOptionsCompiler extends MysqlQueryCompiler {
  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable(node);
    this.append(TABLE_OPTIONS);
  }
}
