import { type DatabaseConnection, Kysely, type Transaction } from 'kysely';
import type { Migrations } from './database.ts';
import { DatabaseAwayError } from './errors.ts';
import { createMigrationTable, type MigrationTables, refuseAnotherWay } from './migrate.ts';
import { createConnectionDialect } from './mysql-dialect.ts';
import type { MysqlSession } from './mysql-session.ts';

/** Seconds to wait for another process that brings the same schema up to date. */
const LOCK_WAIT_S = 5;

/** Of the server, not of the schema: hence the schema's name in it, short enough for a lock. */
const LOCK_NAME = "concat('im.migrate.', left(sha2(database(), 256), 40))";

/** Errors of statements that make or drop what was made or dropped already: table, column, index. */
const ALREADY_SO = new Set<unknown>([
  'ER_TABLE_EXISTS_ERROR',
  'ER_BAD_TABLE_ERROR',
  'ER_DUP_FIELDNAME',
  'ER_DUP_KEYNAME',
  'ER_CANT_DROP_FIELD_OR_KEY',
]);

/**
 * `migrate` for MySQL, whose DDL statements each commit by themselves: a step
 * is noted when it begins and again when it has ended. One that began and did not
 * end (its process died) runs again from its beginning; there, and only there,
 * statements that find their work done already are passed over.
 *
 * Rejects with a DatabaseAwayError while another process does the same for long.
 */
export async function migrateMysql(
  session: MysqlSession,
  migrations: Migrations,
  now: () => number,
): Promise<void> {
  const tables = new Kysely<MigrationTables>({ dialect: createConnectionDialect(session) });
  const names = Object.keys(migrations).sort();
  await lock(session);
  await createMigrationTable(tables as Transaction<MigrationTables>);
  const rows = await tables.selectFrom('schema_migration').selectAll().execute();
  const ended = new Set(rows.filter((row) => row.applied_at > 0).map((row) => row.name));
  const begun = new Set(rows.filter((row) => row.applied_at === 0).map((row) => row.name));
  refuseAnotherWay(names, ended);
  for (const name of names) {
    if (ended.has(name)) continue;
    if (!begun.has(name)) {
      await tables.insertInto('schema_migration').values({ name, applied_at: 0 }).execute();
    }
    const connection = begun.has(name) ? passingOver(session) : session;
    const step = new Kysely<unknown>({ dialect: createConnectionDialect(connection) });
    await migrations[name]!.up(step as Transaction<unknown>);
    await tables
      .updateTable('schema_migration')
      .set({ applied_at: Math.max(1, now()) })
      .where('name', '=', name)
      .execute();
  }
}

/** Held until the session ends, in whichever way it does. */
async function lock(session: MysqlSession): Promise<void> {
  const [row] = (await session.run(`select get_lock(${LOCK_NAME}, ${LOCK_WAIT_S}) as got`)) as {
    got: unknown;
  }[];
  if (row?.got !== 1) {
    throw new DatabaseAwayError('DATABASE_BUSY', 'another process is bringing the schema up to date');
  }
}

function passingOver(connection: DatabaseConnection): DatabaseConnection {
  return {
    streamQuery: connection.streamQuery,
    async executeQuery(query) {
      try {
        return await connection.executeQuery<never>(query);
      } catch (error) {
        if (ALREADY_SO.has((error as { code?: unknown }).code)) return { rows: [] };
        throw error;
      }
    },
  };
}
