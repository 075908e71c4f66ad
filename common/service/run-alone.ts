import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '../config/load-config.ts';
import { lockDataFolder } from '../database/data-folder.ts';
import { runMain } from '../lifecycle/run-main.ts';
import { createLogger, logConfig } from '../telemetry/log.ts';
import type { AnyModule } from './module-with-config.ts';
import { startProcess } from './process.ts';

/** Environment variables with this prefix set a key: `IM_LOG_LEVEL`. */
export const ENVIRONMENT_PREFIX = 'IM';

/** What every service's settings file may hold beside the service's own keys. */
const kitConfig = z.strictObject({
  /** Metrics and health, on 127.0.0.1; 0 is a free port. */
  admin: z.strictObject({ port: z.int().min(0).max(65_535).default(0) }).prefault({}),
  log: logConfig,
  /** Where the database is; relative to the service's folder. */
  dataDir: z.string().min(1).default('data'),
});

/**
 * Runs one service until SIGTERM, with its settings file. It keeps what it
 * stores in its own folder; calls to other services fail as SERVICE_AWAY,
 * because nobody else is on its network.
 */
export async function runAlone(module: AnyModule, configFile: string): Promise<void> {
  await runMain(async () => {
    const file = resolve(configFile);
    const schema = module.config.extend(kitConfig.shape);
    const { admin, log, dataDir, ...config } = loadConfig(schema, {
      file,
      env: process.env,
      prefix: ENVIRONMENT_PREFIX,
    });
    // Not the working directory: the same command must find the same data from anywhere.
    const folder = resolve(dirname(dirname(file)), dataDir);
    const lock = lockDataFolder(folder);
    const running = await startProcess({
      modules: [[module, config]],
      dataDir: folder,
      adminPort: admin.port,
      log: createLogger(log),
    });
    const { url } = running.services.get(module.name)!;
    process.stdout.write(url === undefined ? '' : `serves ${url}\n`);
    process.stdout.write(`admin ${running.admin?.url}\n`);
    return {
      async stop() {
        await running.stop();
        lock.release();
      },
    };
  });
}
