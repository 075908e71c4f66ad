import type { Transaction } from 'kysely';
import type { Database, Migrations } from './database.ts';

export interface MigrationTables {
  /** On MySQL `applied_at` is 0 while a step has begun and not ended. */
  schema_migration: { name: string; applied_at: number };
}

/**
 * Brings a database to the newest schema this release knows. Each step runs in
 * a transaction of its own together with the note that it ran. Throws when the
 * database went another way: forward-only steps cannot join two ways.
 *
 * Steps that are unknown and newer than all known ones are left alone: a
 * release runs on the schema of the release after it.
 */
export async function migrate<S>(
  database: Pick<Database<S>, 'transaction'>,
  migrations: Migrations,
  now: () => number,
): Promise<void> {
  const names = Object.keys(migrations).sort();
  await inTransaction(database, createMigrationTable);
  const applied = await inTransaction(database, appliedNames);
  refuseAnotherWay(names, applied);
  for (const name of names) {
    if (applied.has(name)) continue;
    await inTransaction(database, async (trx) => {
      await migrations[name]!.up(trx as unknown as Transaction<unknown>);
      await trx.insertInto('schema_migration').values({ name, applied_at: now() }).execute();
    });
  }
}

export async function createMigrationTable(trx: Transaction<MigrationTables>): Promise<void> {
  await trx.schema
    .createTable('schema_migration')
    .ifNotExists()
    .addColumn('name', 'varchar(100)', (column) => column.notNull().primaryKey())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function appliedNames(trx: Transaction<MigrationTables>): Promise<Set<string>> {
  const rows = await trx.selectFrom('schema_migration').select('name').execute();
  return new Set(rows.map((row) => row.name));
}

/**
 * Throws when the database went another way than this release: it has a step
 * that the release does not know before one that it knows, or lacks an earlier one.
 */
export function refuseAnotherWay(names: readonly string[], applied: ReadonlySet<string>): void {
  const newestKnown = names.at(-1) ?? '';
  const newestApplied = [...applied].sort().at(-1) ?? '';
  for (const name of applied) {
    if (!names.includes(name) && name < newestKnown) {
      throw new Error(
        `the database has the migration ${name}, which this release does not know although it knows the later ${newestKnown}`,
      );
    }
  }
  for (const name of names) {
    if (!applied.has(name) && name < newestApplied) {
      throw new Error(`the migration ${name} would have to run before ${newestApplied}, which already ran`);
    }
  }
}

function inTransaction<S, T>(
  database: Pick<Database<S>, 'transaction'>,
  work: (trx: Transaction<MigrationTables>) => Promise<T>,
): Promise<T> {
  return database.transaction((trx) => work(trx as unknown as Transaction<MigrationTables>));
}
