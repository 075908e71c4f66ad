import { ConfigError } from '@im/common/config/config-error.ts';
import type { Environment } from '@im/common/config/environment.ts';
import { loadConfig } from '@im/common/config/load-config.ts';
import type { AnyModule, ModuleWithConfig } from '@im/common/service/module-with-config.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import type { PortSettings } from '@im/common/service/port-settings.ts';
import { requireShared } from '@im/common/service/process-settings.ts';
import { ENVIRONMENT_PREFIX } from '@im/common/service/run-alone.ts';
import type { ProcessKeys } from './keys.ts';
import { MODULES } from './modules.ts';
import { sharedSettings } from './shared-settings.ts';

type Settings = Record<string, unknown>;

export interface ServiceSettings {
  targets: 'all' | readonly ServiceName[];
  /** What the operator set for services, and where it was read. */
  sections: Readonly<Partial<Record<ServiceName, Settings>>>;
  where: string;
  env: Environment;
  host: string;
  httpPort: number;
  wsPort: number;
  keys: ProcessKeys;
  adminKey: string;
  /** Of a process that is one of many: it has no secrets of its own making, and needs those that are shared. */
  sharedPorts: PortSettings | undefined;
}

/** The services to run, each with its settings from section, environment and the process. Throws ConfigError. */
export function configureModules(settings: ServiceSettings): ModuleWithConfig[] {
  const { host, keys, targets, env } = settings;
  // Of the process alone: an operator who sets them in a section would be deceived.
  const decided: Partial<Record<ServiceName, Settings>> = {
    'api-gateway': { host, port: settings.httpPort },
    'ws-gateway': { host, port: settings.wsPort },
    ...(settings.sharedPorts ? {} : { 'user-service': { adminKey: settings.adminKey } }),
  };
  // What the process made for itself gives way to what the operator brings.
  const own: Partial<Record<ServiceName, Settings>> = settings.sharedPorts
    ? {}
    : { 'auth-service': { signingKeys: keys.accessTokenKeys, refreshSecret: keys.refreshSecret } };
  const shared = sharedSettings(settings.sections, settings.where);
  return MODULES.filter(({ name }) => targets === 'all' || targets.includes(name)).map(
    (module: AnyModule) => {
      const section = settings.sections[module.name] ?? {};
      const where = `${settings.where}: ${module.name}`;
      const overrides = decided[module.name] ?? {};
      for (const key of Object.keys(overrides)) {
        if (key in section)
          throw new ConfigError(`${where}: ${key}: is decided by the process, leave it out`);
      }
      const values = { ...own[module.name], ...shared[module.name], ...section };
      const config = loadConfig(module.config, {
        settings: { where, values },
        env,
        prefix: ENVIRONMENT_PREFIX,
        overrides,
      });
      if (settings.sharedPorts) requireShared(module, config, settings.sharedPorts, where);
      return [module, config];
    },
  );
}
