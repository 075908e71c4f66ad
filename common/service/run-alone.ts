import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '../config/load-config.ts';
import { runMain } from '../lifecycle/run-main.ts';
import { DEFAULT_ADMIN_HOST } from '../telemetry/admin-server.ts';
import { createLogger, logConfig } from '../telemetry/log.ts';
import type { ServiceModule } from './module.ts';
import { databaseSetting, NO_SERVERS } from './port-settings.ts';
import { startProcess } from './process.ts';
import { configuredServiceKeys, processSettings, requireShared } from './process-settings.ts';

/** Environment variables with this prefix set a key: `IM_LOG_LEVEL`. */
export const ENVIRONMENT_PREFIX = 'IM';

/** What every service's settings file may hold beside the service's own keys. */
const kitConfig = {
  /** Metrics and health; 0 is a free port. */
  admin: z
    .strictObject({
      host: z.string().min(1).default(DEFAULT_ADMIN_HOST),
      port: z.int().min(0).max(65_535).default(0),
    })
    .prefault({}),
  log: logConfig,
  /** Where SQLite files are; relative to the service's folder. */
  dataDir: z.string().min(1).default('data'),
  ...processSettings,
};

/** The settings of a service that runs alone: its own, the kit's, and those of the ports it has. */
export function aloneConfig(module: ServiceModule): z.ZodObject {
  const { ports = {} } = module;
  const { cache, bus, ...common } = kitConfig;
  return module.config.extend({
    ...common,
    ...(ports.database && { database: databaseSetting }),
    ...(ports.cache && { cache }),
    ...(ports.bus && { bus }),
  });
}

type KitSettings = { [Key in keyof typeof kitConfig]: z.output<(typeof kitConfig)[Key]> };
type AloneSettings = Omit<KitSettings, 'cache' | 'bus'> &
  Partial<Pick<KitSettings, 'cache' | 'bus'>> & { database?: z.output<typeof databaseSetting> };

/**
 * Runs one service until SIGTERM, with its settings file. Without settings it
 * keeps what it stores in its own folder, and calls to other services fail as
 * SERVICE_AWAY, because nobody else is there. With a registry it is one of many.
 */
// biome-ignore lint/suspicious/noExplicitAny: a module of any service
export async function runAlone(module: ServiceModule<any, any>, configFile: string): Promise<void> {
  await runMain(async (leaving) => {
    const file = resolve(configFile);
    const settings = loadConfig(aloneConfig(module), {
      file,
      env: process.env,
      prefix: ENVIRONMENT_PREFIX,
    }) as AloneSettings & Record<string, unknown>;
    const {
      admin,
      log,
      dataDir,
      database,
      cache,
      bus,
      registry,
      rpc,
      traces,
      serviceKeys,
      servicePublicKeys,
      ...config
    } = settings;
    const ports = {
      databases: database === undefined ? {} : { [module.name]: database },
      cache: cache ?? NO_SERVERS.cache,
      bus: bus ?? NO_SERVERS.bus,
      registry,
      rpc,
    };
    if (registry.engine !== 'none') requireShared(module, config, ports, file);
    const running = await startProcess({
      modules: [[module, config]],
      // Not the working directory: the same command must find the same data from anywhere.
      dataDir: resolve(dirname(dirname(file)), dataDir),
      lockDataDir: true,
      ports,
      serviceKeys: configuredServiceKeys({ registry, serviceKeys, servicePublicKeys }, [module.name], file),
      tracing: traces,
      adminHost: admin.host,
      adminPort: admin.port,
      onAdmin: (url) => process.stdout.write(`admin ${url}\n`),
      log: createLogger(log),
      leaving,
    });
    const { url } = running.services.get(module.name)!;
    process.stdout.write(url === undefined ? '' : `serves ${url}\n`);
    running.ready().then(
      () => process.stdout.write('ready\n'),
      () => {},
    );
    return running;
  });
}
