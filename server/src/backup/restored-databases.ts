import { createDatabases } from '@im/common/service/databases.ts';
import type { RestoreHost } from '@im/common/service/module.ts';
import { type AnyModule, withDefaults } from '@im/common/service/module-with-config.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { createMetrics } from '@im/common/telemetry/metrics.ts';
import { takeUpOutbox } from './outbox-seam.ts';

/** What a service may try at most: files are there at once or not at all. */
const ATTEMPT_MS = 10_000;

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
    for (const module of modules) {
      const { name, restored } = module;
      if (!services.includes(name) || restored === undefined) continue;
      const host: RestoreHost = {
        now,
        keepSessions,
        openDatabase: (migrations) => databases.open(name, migrations),
        until: (_what, attempt) => attempt(AbortSignal.timeout(ATTEMPT_MS)),
        log,
        metrics: createMetrics(),
      };
      // A folder's own databases, whatever else the settings of its server say.
      const [, config] = withDefaults(module, {});
      done.push(`${name}: ${await restored(config, host)}`);
    }
  } finally {
    await databases.close();
  }
  return done;
}
