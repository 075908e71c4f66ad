import { ConfigError } from '@im/common/config/config-error.ts';
import type { KnownServiceKeys } from '@im/common/identity/service-keys.ts';
import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import {
  type DatabaseSetting,
  databaseSetting,
  type PortSettings,
} from '@im/common/service/port-settings.ts';
import { configuredServiceKeys } from '@im/common/service/process-settings.ts';
import type { ServerConfig } from './config.ts';

/** Stands for a service in the name of its schema. */
const PLACE = '{service}';

/** Which servers the process is on, and the keys it was given where it is one of many. Throws ConfigError. */
export function sharedProcess(
  config: ServerConfig,
  where: string,
): { ports: PortSettings; serviceKeys: KnownServiceKeys | undefined } {
  const { target, cache, bus, registry, rpc } = config;
  const services = target === 'all' ? SERVICE_NAMES : target;
  return {
    ports: { databases: databasesOf(config.database, services, where), cache, bus, registry, rpc },
    serviceKeys: configuredServiceKeys(config, services, where),
  };
}

function databasesOf(
  text: string,
  services: readonly ServiceName[],
  where: string,
): PortSettings['databases'] {
  const database = (service: ServiceName): DatabaseSetting => {
    const parsed = databaseSetting.safeParse(text.replace(PLACE, service.replace(/-.*/, '')));
    if (parsed.success) return parsed.data;
    throw new ConfigError(`${where}: database: ${parsed.error.issues[0]!.message}`);
  };
  if (text !== 'sqlite' && services.length > 1 && !text.includes(PLACE))
    throw new ConfigError(
      `${where}: database: needs ${PLACE} in the name of the schema, since each service has its own`,
    );
  return Object.fromEntries(services.map((service) => [service, database(service)]));
}
