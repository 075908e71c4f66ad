import type { Database } from '@im/common/database/database.ts';
import { openMysqlDatabase } from '@im/common/database/open-mysql.ts';
import type { OutboxTables } from '@im/common/model/outbox.ts';
import type { RestoreHost } from '@im/common/service/module.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { createMetrics } from '@im/common/telemetry/metrics.ts';
import { MODULES } from '@im/server';
import type { Addresses } from './addresses.ts';
import { seamsOf, takeUpTopics } from './cluster-seam.ts';
import { quietState } from './embedded-to-cluster.ts';
import { untilSoon } from './until-soon.ts';

const STATEMENT_MS = 600_000;

/**
 * Makes the restored schemas of a cluster fit to go on from, before a service is
 * started on them: with another epoch, so that every client syncs afresh, with
 * nobody signed in, and with outboxes that tell again what chat-service's schema,
 * the oldest, has missed. Gives what was done, a sentence each. Throws, and changes
 * nothing, where services are connected or chat-service's schema is of a later
 * time than another one. Doing it again is harmless.
 */
export async function afterRestore(options: {
  addresses: Addresses;
  keepSessions: boolean;
  now: () => number;
  log: Logger;
}): Promise<string[]> {
  const { addresses, keepSessions, now, log } = options;
  const modules: readonly AnyModule[] = MODULES;
  const inTables = modules.filter(({ migrations, carry }) => migrations !== undefined && carry === undefined);
  const databases = new Map<string, Database<unknown>>();
  const done: string[] = [];
  try {
    for (const module of inTables) {
      const { copyOf } = await quietState(module, addresses.schemaOf(module));
      if (copyOf !== undefined) throw new Error(`${module.name}: its schema holds an unfinished copy`);
    }
    for (const module of inTables) databases.set(module.name, await open(module, addresses, now, log));
    const chat = databases.get('chat-service')!;
    const withOutbox = inTables.filter(({ migrations }) =>
      Object.keys(migrations!).some((step) => step.endsWith('-outbox')),
    );
    const outboxOf = ({ name }: AnyModule) => databases.get(name) as unknown as Database<OutboxTables>;
    for (const module of withOutbox) await refuseLaterLog(module, outboxOf(module), chat);
    for (const module of withOutbox) {
      const topics = await takeUpTopics(module.name, outboxOf(module), chat);
      if (topics > 0)
        done.push(`${module.name}: changes told to other services once more, of ${topics} topics`);
    }
    for (const module of modules) {
      if (module.restored === undefined) continue;
      const host: RestoreHost = {
        now,
        keepSessions,
        openDatabase: async <S>() => databases.get(module.name) as unknown as Database<S>,
        until: untilSoon,
        log,
        metrics: createMetrics(),
      };
      done.push(`${module.name}: ${await module.restored(addresses.settingsOf(module), host)}`);
    }
    return done;
  } finally {
    for (const database of databases.values()) await database.close();
  }
}

function open(
  module: AnyModule,
  addresses: Addresses,
  now: () => number,
  log: Logger,
): Promise<Database<unknown>> {
  return openMysqlDatabase({
    url: addresses.schemaOf(module),
    migrations: module.migrations!,
    now,
    log: log.child({ service: module.name }),
    poolSize: 2,
    statementTimeoutMs: STATEMENT_MS,
  });
}

async function refuseLaterLog(
  { name }: AnyModule,
  database: Database<OutboxTables>,
  chat: Database<unknown>,
): Promise<void> {
  for await (const seams of seamsOf(name, database, chat)) {
    const later = seams.find(({ version, taken }) => taken > version);
    if (later !== undefined)
      throw new Error(
        `chat-service's copy is of a later time than that of ${name}: it knows change ${later.taken} of ` +
          `${later.topic}, the other one ${later.version}; restore one of chat-service that was made before`,
      );
  }
}
