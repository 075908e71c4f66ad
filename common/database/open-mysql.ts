import { Kysely } from 'kysely';
import type { Registry } from 'prom-client';
import type { Logger } from '../telemetry/log.ts';
import type { Database, Migrations } from './database.ts';
import { migrateMysql } from './migrate-mysql.ts';
import { createReadDialect, createTransactionDialect } from './mysql-dialect.ts';
import { showMysqlMetrics } from './mysql-metrics.ts';
import { createMysqlPool, type MysqlPool } from './mysql-pool.ts';
import { checkMysqlServer } from './mysql-server.ts';
import { type MysqlSessionOptions, openMysqlSession } from './mysql-session.ts';
import { retryTransaction } from './retry-transaction.ts';

export interface MysqlOptions {
  /** `mysql://user:password@host:3306/schema`. The schema exists; its tables are made here. */
  url: string;
  migrations: Migrations;
  /** Milliseconds since 1970, for the migrations' table. */
  now: () => number;
  log: Logger;
  /** Where pool gauges are shown; nowhere if left out. */
  metrics?: Registry | undefined;
  /** Connections that write, and as many that read, at most. */
  poolSize?: number | undefined;
  /** For each statement: after that its connection is closed and the caller told. Milliseconds. */
  statementTimeoutMs?: number | undefined;
}

const POOL_SIZE = 10;
const STATEMENT_TIMEOUT_MS = 3_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** How long somebody waits for a connection at most: no longer than their own caller does. */
const ACQUIRE_TIMEOUT_MS = 2_000;
/** A statement, COMMIT included, that takes longer is told to the log. */
const SLOW_MS = 200;
/** An index on a large table takes its time. */
const MIGRATION_TIMEOUT_MS = 600_000;

/**
 * After this many seconds without a word a connection that writes is closed by
 * the server, and with it go its locks: a process that stands still in the middle
 * of a transaction must not hold up all the others.
 */
const SILENCE_S = 5;
/** Ours are closed before that when nobody uses them. Milliseconds. */
const WRITER_IDLE_MS = 3_000;
const READER_IDLE_MS = 60_000;
/** Seconds a statement waits for another transaction's lock, the least there is. */
const LOCK_WAIT_S = 1;

/**
 * Opens a service's MySQL schema, migrated. Transactions are READ COMMITTED on
 * connections that the server drops after 5 s of silence; snapshots and single
 * queries run on connections of their own, so that no lock and no writer keeps a
 * reader. Nothing waits for ever: every statement has a deadline, after which
 * its connection is closed and what became of it is unknown.
 *
 * Rejects when the server is away (`isTransient`: try again later), or cannot keep
 * what a COMMIT promises.
 */
export async function openMysqlDatabase<S>(options: MysqlOptions): Promise<Database<S>> {
  const { url, log, metrics, poolSize = POOL_SIZE, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const common = { url, connectTimeoutMs: CONNECT_TIMEOUT_MS, statementTimeoutMs, onStatement };
  const kinds: Record<'write' | 'read', MysqlSessionOptions> = {
    write: {
      ...common,
      variables: {
        transaction_isolation: 'READ-COMMITTED',
        innodb_lock_wait_timeout: LOCK_WAIT_S,
        wait_timeout: SILENCE_S,
        net_read_timeout: SILENCE_S,
        net_write_timeout: SILENCE_S,
      },
    },
    read: {
      ...common,
      variables: {
        transaction_isolation: 'REPEATABLE-READ',
        transaction_read_only: 1,
        max_execution_time: statementTimeoutMs,
        wait_timeout: (READER_IDLE_MS / 1_000) * 2,
      },
    },
  };
  await prepareSchema(options);

  const pool = (kind: 'write' | 'read', idleMs: number): MysqlPool =>
    createMysqlPool({
      open: () => openMysqlSession(kinds[kind]),
      size: poolSize,
      idleMs,
      acquireTimeoutMs: ACQUIRE_TIMEOUT_MS,
    });
  const pools = { write: pool('write', WRITER_IDLE_MS), read: pool('read', READER_IDLE_MS) };
  const shown = metrics && showMysqlMetrics(metrics, pools);
  const doubtful = new WeakSet<object>();
  const inDoubt = (error: unknown) => doubtful.has(error as object);
  let closing: Promise<void> | undefined;

  const writes = new Kysely<S>({
    dialect: createTransactionDialect({
      pool: pools.write,
      begin: 'begin',
      onDoubt: (error) => void doubtful.add(error as object),
    }),
  });
  const snapshots = new Kysely<S>({
    dialect: createTransactionDialect({
      pool: pools.read,
      begin: 'start transaction with consistent snapshot, read only',
    }),
  });
  const read = new Kysely<S>({ dialect: createReadDialect(pools.read) });

  function onStatement(text: string, ms: number): void {
    if (ms < SLOW_MS) return;
    shown?.countSlow();
    log.warn({ sql: text, ms: Math.round(ms) }, 'slow SQL');
  }

  /** Under way, so that closing can wait for them. */
  const running = new Set<Promise<unknown>>();

  function whileOpen<T>(attempt: () => Promise<T>, once: boolean): Promise<T> {
    if (closing !== undefined) return Promise.reject(new Error('the database is closed'));
    const run = once ? attempt() : retryTransaction(attempt, inDoubt);
    running.add(run);
    const ended = () => void running.delete(run);
    run.then(ended, ended);
    return run;
  }

  async function closeAll(): Promise<void> {
    await Promise.allSettled(running);
    await Promise.all([pools.write.close(), pools.read.close()]);
    shown?.remove();
  }

  return {
    writers: poolSize,
    read,
    transaction: (work, { once = false } = {}) => whileOpen(() => writes.transaction().execute(work), once),
    snapshot: (work) => whileOpen(() => snapshots.transaction().execute(work), false),
    async reachable() {
      const session = await pools.read.acquire();
      try {
        await session.run('select 1');
      } finally {
        pools.read.release(session);
      }
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

/** Everything that happens once: on a connection of its own, which may take its time. */
async function prepareSchema({ url, migrations, now }: MysqlOptions): Promise<void> {
  const session = await openMysqlSession({
    url,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    statementTimeoutMs: MIGRATION_TIMEOUT_MS,
    variables: { transaction_isolation: 'READ-COMMITTED', lock_wait_timeout: MIGRATION_TIMEOUT_MS / 1_000 },
  });
  try {
    await checkMysqlServer(session);
    await migrateMysql(session, migrations, now);
  } finally {
    session.end();
  }
}
