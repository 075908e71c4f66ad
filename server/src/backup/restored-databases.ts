import { createDatabases } from '@im/common/service/databases.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { takeUpOutbox } from './outbox-seam.ts';

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
  const { folder, services, modules, keepSessions, now, log } = options;
  const done: string[] = [];
  for (const service of services) {
    const changes = takeUpOutbox(folder, service);
    if (changes > 0) done.push(`${service}: changes told to other services once more: ${changes}`);
  }
  const databases = createDatabases({ lockDataDir: false, dataDir: folder, now, log });
  try {
    for (const { name, restored } of modules) {
      if (!services.includes(name) || restored === undefined) continue;
      const openDatabase: Parameters<typeof restored>[0]['openDatabase'] = (migrations) =>
        databases.open(name, migrations);
      done.push(`${name}: ${await restored({ now, keepSessions, openDatabase })}`);
    }
  } finally {
    await databases.close();
  }
  return done;
}
