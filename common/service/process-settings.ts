import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import { readServiceKeys } from '../identity/service-key-text.ts';
import type { KnownServiceKeys } from '../identity/service-keys.ts';
import { tracesConfig } from '../telemetry/traces.ts';
import type { ServiceModule } from './module.ts';
import type { ServiceName } from './names.ts';
import {
  busSetting,
  cacheSetting,
  type PortSettings,
  type RegistrySetting,
  registrySetting,
  rpcSetting,
} from './port-settings.ts';

/** What a settings file says of a process that is one of many. */
export const processSettings = {
  cache: cacheSetting,
  bus: busSetting,
  /** Where the other processes are found. `none`: there are none. */
  registry: registrySetting,
  rpc: rpcSetting,
  traces: tracesConfig,
  /** Secret: the keys that the services of this process sign their calls with, `user-service=<key>,…`. */
  serviceKeys: z.string().default(''),
  /** The public keys of all services, in the same way. */
  servicePublicKeys: z.string().default(''),
} as const;

/**
 * The keys for a process of these services: undefined for one that is alone,
 * which makes its own. Throws ConfigError, without a key in it.
 */
export function configuredServiceKeys(
  settings: { registry: RegistrySetting; serviceKeys: string; servicePublicKeys: string },
  services: readonly ServiceName[],
  where: string,
): KnownServiceKeys | undefined {
  if (settings.registry.engine === 'none') return undefined;
  try {
    return readServiceKeys({ ...settings, services });
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(`${where}: ${error.message}`) : error;
  }
}

/**
 * Refuses what each of several processes would have for itself: a store, a cache
 * or a bus that the others do not see, or a secret of its own making. Throws
 * ConfigError.
 */
export function requireShared(
  // biome-ignore lint/suspicious/noExplicitAny: a module of any service
  module: ServiceModule<any, any>,
  config: Record<string, unknown>,
  settings: Pick<PortSettings, 'databases' | 'cache' | 'bus'>,
  where: string,
): void {
  const { name, ports = {} } = module;
  const refuse = (key: string, example: string): never => {
    throw new ConfigError(`${where}: ${key}: must be ${example} where ${name} is one of many processes`);
  };
  if (ports.database === 'needed' && settings.databases[name]?.engine !== 'mysql')
    refuse('database', 'mysql://…');
  if (ports.cache === 'needed' && settings.cache.engine === 'memory') refuse('cache', 'redis://…');
  if (ports.bus === 'needed' && settings.bus.engine === 'local') refuse('bus', 'kafka://…');
  module.checkShared?.(config, where);
}
