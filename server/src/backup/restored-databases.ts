import { sendOutboxAgain } from '@im/common/model/outbox-again.ts';
import { createDatabases } from '@im/common/service/databases.ts';
import type { RestoreHost } from '@im/common/service/module.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import type { Logger } from '@im/common/telemetry/log.ts';

/**
 * Makes restored databases fit to go on from, before any server can open them.
 * Gives what was done, a sentence each.
 */
export async function renewDatabases(options: {
  folder: string;
  services: readonly ServiceName[];
  modules: readonly AnyModule[];
  keepSessions: boolean;
  now: () => number;
  log: Logger;
}): Promise<string[]> {
  const { folder: dataDir, services, modules, keepSessions, now, log } = options;
  const done: string[] = [];
  const open = async <T>(work: (host: (name: ServiceName) => RestoreHost) => Promise<T>): Promise<T> => {
    const databases = createDatabases({ dataDir, now, log });
    try {
      return await work((name) => ({
        now,
        keepSessions,
        openDatabase: (migrations) => databases.open(name, migrations),
      }));
    } finally {
      await databases.close();
    }
  };
  await open(async (hostOf) => {
    for (const service of services) {
      // No migrations: they are the service's own, and the outbox's table is the kit's.
      const rows = await sendOutboxAgain(await hostOf(service).openDatabase({}));
      if (rows > 0) done.push(`${service}: ${rows} changes will be told to the other services again`);
    }
  });
  await open(async (hostOf) => {
    for (const { name, restored } of modules) {
      if (!services.includes(name) || restored === undefined) continue;
      done.push(`${name}: ${await restored(hostOf(name))}`);
    }
  });
  return done;
}
