import { createMigrationTable, type MigrationTables } from '@im/common/database/migrate.ts';
import { createConnectionDialect } from '@im/common/database/mysql-dialect.ts';
import { type MysqlSession, openMysqlSession } from '@im/common/database/mysql-session.ts';
import { Kysely, sql, type Transaction } from 'kysely';
import { STEPS_TABLE } from './table.ts';

/**
 * In front of the name of what is copied, among the steps of a schema. No release
 * knows a step of that name before its own, so no service starts on what is
 * copied in part.
 */
const MARK = '0000-unfinished-copy-of-';
const CONNECT_MS = 5_000;
const STATEMENT_MS = 30_000;

/** What a schema holds before anything is done with it. */
export interface SchemaState {
  /** What is being copied into it, where a copy has begun and not ended. */
  readonly copyOf: string | undefined;
  /** A table with rows. */
  readonly filled: string | undefined;
  /** Others who are connected with it. */
  readonly connections: number;
}

/** The step that stands in a schema while a copy is unfinished. */
export function markOf(source: string): string {
  return MARK + source;
}

/** Looks at a schema without changing anything. */
export function lookAt(url: string): Promise<SchemaState> {
  return withSchema(url, async (db) => {
    const { rows: tables } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables
        where table_schema = database() order by table_name`.execute(db);
    const names = tables.map(({ name }) => name);
    const steps = names.includes(STEPS_TABLE)
      ? await sql<{ name: string }>`select name from ${sql.table(STEPS_TABLE)}`.execute(db)
      : { rows: [] };
    const mark = steps.rows.find(({ name }) => name.startsWith(MARK));
    let filled: string | undefined;
    for (const name of names.filter((each) => each !== STEPS_TABLE)) {
      const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(db);
      if (rows.length > 0) filled ??= name;
    }
    const { rows: others } = await sql<{ count: number }>`
      select count(*) as count from information_schema.processlist
        where db = database() and id <> connection_id()`.execute(db);
    return { copyOf: mark?.name.slice(MARK.length), filled, connections: Number(others[0]!.count) };
  });
}

/** Notes in a schema that a copy has begun; again is harmless. */
export function mark(url: string, source: string): Promise<void> {
  return withSchema(url, async (db) => {
    const steps = db as unknown as Kysely<MigrationTables>;
    await createMigrationTable(steps as Transaction<MigrationTables>);
    await steps
      .insertInto('schema_migration')
      .ignore()
      .values({ name: markOf(source), applied_at: 1 })
      .execute();
  });
}

/** Notes that the copy is whole. */
export function unmark(url: string, source: string): Promise<void> {
  return withSchema(url, async (db) => {
    await sql`delete from ${sql.table(STEPS_TABLE)} where name = ${markOf(source)}`.execute(db);
  });
}

async function withSchema<T>(url: string, work: (db: Kysely<unknown>) => Promise<T>): Promise<T> {
  const session: MysqlSession = await openMysqlSession({
    url,
    variables: {},
    connectTimeoutMs: CONNECT_MS,
    statementTimeoutMs: STATEMENT_MS,
  });
  try {
    return await work(new Kysely<unknown>({ dialect: createConnectionDialect(session) }));
  } finally {
    session.end();
  }
}
