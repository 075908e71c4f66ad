import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Database, Migrations } from '../database/database.ts';
import { openMysqlDatabase } from '../database/open-mysql.ts';
import { openSqliteDatabase } from '../database/open-sqlite.ts';
import { createLogger } from '../telemetry/log.ts';
import { createMysqlSchema, type MysqlSchema } from './mysql-schema.ts';
import { stackAddresses } from './stack-addresses.ts';

/** A place of a test's own for one service's database, empty at first. */
export interface TestStore {
  /** Opens it, migrated; several may be open at once on MySQL only. The caller closes it. */
  open<S>(migrations: Migrations): Promise<Database<S>>;
  /** Runs one statement beside what is open, as another process would. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  remove(): Promise<void>;
}

/**
 * Which engine the tests of services run on: SQLite, or MySQL with
 * `IM_TEST_DATABASE=mysql`, which then must be there.
 */
export function testEngine(env = process.env): 'sqlite' | 'mysql' {
  const { IM_TEST_DATABASE: engine = 'sqlite' } = env;
  if (engine !== 'sqlite' && engine !== 'mysql') throw new Error('IM_TEST_DATABASE is sqlite or mysql');
  return engine;
}

export function makeTestStore(): Promise<TestStore> {
  return testEngine() === 'mysql' ? mysqlStore() : sqliteStore();
}

/** A schema on the test run's server. Throws when there is none. */
export function makeTestSchema(): Promise<MysqlSchema> {
  const addresses = stackAddresses();
  if (addresses === undefined) throw new Error('IM_TEST_DATABASE=mysql needs the servers of a stack');
  return createMysqlSchema(addresses.mysqlUrl);
}

/** Runs one statement on a SQLite file that may be open elsewhere. */
export function querySqlite(file: string, sql: string): Record<string, unknown>[] {
  const connection = new DatabaseSync(file);
  try {
    return connection.prepare(sql).all();
  } finally {
    connection.close();
  }
}

async function sqliteStore(): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), 'im-store-'));
  const file = join(folder, 'test.db');
  return {
    open: (migrations) => openSqliteDatabase({ file, migrations }),
    query: async (sql) => querySqlite(file, sql),
    remove: async () => rmSync(folder, { recursive: true }),
  };
}

async function mysqlStore(): Promise<TestStore> {
  const schema = await makeTestSchema();
  const log = createLogger({ level: 'silent' });
  return {
    open: (migrations) => openMysqlDatabase({ url: schema.url, migrations, now: Date.now, log }),
    query: schema.query,
    remove: schema.drop,
  };
}
