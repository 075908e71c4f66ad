import { isDeepStrictEqual } from 'node:util';
import type { Database } from '@im/common/database/database.ts';
import { openMysqlDatabase } from '@im/common/database/open-mysql.ts';
import type { Carrying } from '@im/common/service/module.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { createMetrics } from '@im/common/telemetry/metrics.ts';
import { MODULES } from '@im/server';
import type { Addresses } from './addresses.ts';
import { compareTable } from './compare-table.ts';
import { copyTable } from './copy-table.ts';
import { keySettings, setInEnvFile } from './key-settings.ts';
import { PAGE } from './pages.ts';
import type { Progress } from './progress.ts';
import { lookAt, mark, markOf, type SchemaState, unmark } from './schema-state.ts';
import { openSource, type Source } from './source.ts';
import { countRows, stepsOf, type Table, tablesOfFile, tablesOfSchema } from './table.ts';
import { untilSoon } from './until-soon.ts';

/** Counting and comparing read a table from end to end. Milliseconds. */
const STATEMENT_MS = 600_000;
/** How long connections of services that were just stopped are waited for. */
const LEAVE_TRIES = 20;

export interface MigrateOptions {
  /** The folder of a server that has stopped. Absolute. */
  dataDir: string;
  addresses: Addresses;
  /** Where the keys are written as settings. */
  envFile: string;
  now: () => number;
  log: Logger;
  progress: Progress;
  /** Rows of a page, and of a transaction. */
  page?: number | undefined;
}

/** What is carried, and where it goes. */
interface Part {
  readonly module: AnyModule;
  readonly url: string;
  readonly state: SchemaState;
}

/**
 * Carries a data folder to the servers of a cluster that holds nothing yet, as
 * it is: tokens, cursors, seqs and the ids of messages that were sent stay good.
 * One that was broken off is gone on with. Gives what differs between the two at
 * the end, a sentence each; where nothing does, the cluster can start, and before
 * that it does not.
 */
export async function embeddedToCluster(options: MigrateOptions): Promise<string[]> {
  const { dataDir, addresses, envFile, now, log, progress } = options;
  const modules: readonly AnyModule[] = MODULES.filter(
    (module: AnyModule) => module.migrations !== undefined,
  );
  const inTables = modules.filter(({ carry }) => carry === undefined);
  const settings = keySettings(dataDir);
  const source = await openSource({ dataDir, modules, now, log });
  const carried = new Map<AnyModule, Carrying>();
  const targets = new Map<AnyModule, Database<unknown>>();
  try {
    for (const module of modules.filter(({ carry }) => carry !== undefined))
      carried.set(module, await openCarrying(module, source, options));
    const parts = await lookAtAll(inTables, addresses);
    await refuseWhatIsNotOurs(parts, carried, source.name);
    // The log's own schema says for all of them that the copy is ours: marked last, unmarked last.
    for (const { url } of logLast(parts)) await mark(url, source.name);
    for (const { module, url } of parts)
      targets.set(module, await openTarget(module, url, source.name, options));

    const tables = new Map<AnyModule, Table[]>();
    for (const { module } of parts)
      tables.set(module, await commonTables(module, source.databaseOf(module), targets.get(module)!));
    for (const [module, target] of targets) {
      for (const table of tables.get(module)!) await copyOne(module, table, source, target, options);
    }
    for (const [module, carrying] of carried) {
      const told = progress.begin(`${module.name} sessions`);
      await carrying.copy(told.add);
      told.end();
    }

    const differences: string[] = [];
    for (const [module, target] of targets) {
      for (const table of tables.get(module)!) {
        const compared = await compareTable(source.databaseOf(module), target, table);
        progress.compared(`${module.name} ${table.name}`, compared.groups);
        differences.push(...compared.differences.map((difference) => `${module.name}: ${difference}`));
      }
    }
    for (const [module, carrying] of carried)
      differences.push(...(await carrying.compare()).map((difference) => `${module.name}: ${difference}`));
    if (differences.length > 0) return differences;

    setInEnvFile(envFile, settings);
    for (const { url } of logLast(parts)) await unmark(url, source.name);
    return [];
  } finally {
    for (const carrying of carried.values()) await carrying.close();
    for (const target of targets.values()) await target.close();
    await source.close();
  }
}

function openCarrying(module: AnyModule, source: Source, options: MigrateOptions): Promise<Carrying> {
  const { addresses, now, log } = options;
  return module.carry!(addresses.settingsOf(module), {
    from: source.databaseOf(module),
    now,
    log,
    metrics: createMetrics(),
    until: untilSoon,
  });
}

async function lookAtAll(modules: readonly AnyModule[], addresses: Addresses): Promise<Part[]> {
  const parts: Part[] = [];
  for (const module of modules) {
    const url = addresses.schemaOf(module);
    parts.push({ module, url, state: await quietState(module, url) });
  }
  return parts;
}

/** The state of a schema that nobody else is connected with. */
export async function quietState(module: AnyModule, url: string): Promise<SchemaState> {
  for (let tries = 0; ; tries += 1) {
    const state = await lookAt(url);
    if (state.connections === 0) return state;
    if (tries === LEAVE_TRIES)
      throw new Error(`${module.name}: others are connected with its schema; stop the services first`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function refuseWhatIsNotOurs(
  parts: readonly Part[],
  carried: ReadonlyMap<AnyModule, Carrying>,
  source: string,
): Promise<void> {
  const other = parts.find(({ state }) => state.copyOf !== undefined && state.copyOf !== source);
  if (other !== undefined)
    throw new Error(`${other.module.name}: its schema holds an unfinished copy of other data; make it anew`);
  if (parts.some(({ module, state }) => module.name === 'chat-service' && state.copyOf === source)) return;
  const filled = parts.find(({ state }) => state.filled !== undefined);
  if (filled !== undefined)
    throw new Error(
      `${filled.module.name}: its schema is not empty, there are rows in ${filled.state.filled}; ` +
        'a cluster that has been started has some: make the schemas anew',
    );
  for (const [{ name }, carrying] of carried) {
    if (!(await carrying.isEmpty()))
      throw new Error(
        `${name}: there are sessions already; a cluster that has been started has some: empty them`,
      );
  }
}

function logLast(parts: readonly Part[]): readonly Part[] {
  const isLog = ({ module }: Part) => Number(module.name === 'chat-service');
  return parts.toSorted((a, b) => isLog(a) - isLog(b));
}

function openTarget(
  { name, migrations }: AnyModule,
  url: string,
  source: string,
  { now, log }: MigrateOptions,
): Promise<Database<unknown>> {
  return openMysqlDatabase({
    url,
    migrations: { ...migrations, [markOf(source)]: { up: async () => {} } },
    now,
    log: log.child({ service: name }),
    poolSize: 2,
    statementTimeoutMs: STATEMENT_MS,
  });
}

/** The tables of both sides. Throws where one of them is of another release. */
async function commonTables(
  { name, migrations }: AnyModule,
  source: Database<unknown>,
  target: Database<unknown>,
): Promise<Table[]> {
  const known = Object.keys(migrations!).sort();
  const tables = await tablesOfFile(source.read);
  const isKnown = isDeepStrictEqual(await stepsOf(source.read), known);
  if (!isKnown || !isDeepStrictEqual(tables, await tablesOfSchema(target.read)))
    throw new Error(`${name}: the tables of the two sides differ: one was made by another release`);
  return tables;
}

async function copyOne(
  module: AnyModule,
  table: Table,
  source: Source,
  target: Database<unknown>,
  { progress, page = PAGE }: MigrateOptions,
): Promise<void> {
  const from = source.databaseOf(module);
  const told = progress.begin(`${module.name} ${table.name}`, await countRows(from.read, table));
  told.add(await countRows(target.read, table));
  await copyTable(from, target, table, told.add, page);
  told.end();
}
