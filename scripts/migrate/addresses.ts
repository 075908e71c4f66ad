import { ConfigError } from '@im/common/config/config-error.ts';
import type { Environment } from '@im/common/config/environment.ts';
import { loadConfig } from '@im/common/config/load-config.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import { databaseSetting } from '@im/common/service/port-settings.ts';
import { ENVIRONMENT_PREFIX } from '@im/common/service/run-alone.ts';

/** Stands for a service in the names of its schema and account, and for the password of that account. */
const PLACE = '{service}';
const PASSWORD_PLACE = '{password}';

/** Where a cluster keeps what it stores, as its own settings say it. */
export interface Addresses {
  /** `mysql://…/<schema>` of a service. Throws ConfigError. */
  schemaOf(module: AnyModule): string;
  /** A service's own settings. Throws ConfigError. */
  settingsOf(module: AnyModule): Record<string, unknown>;
}

/** From the command line, else from the same variables that the services read. */
export function addressesOf(
  given: { mysql?: string | undefined; sessions?: string | undefined },
  env: Environment,
): Addresses {
  const mysql = given.mysql ?? env.IM_DATABASE ?? '';
  const sessions = given.sessions ?? env.IM_SESSIONS ?? '';
  return {
    schemaOf({ name }) {
      if (!mysql.includes(PLACE)) throw new ConfigError(`--mysql needs ${PLACE} in the name of the schema`);
      const service = name.replace('-service', '');
      const url = mysql.replaceAll(PLACE, service).replace(PASSWORD_PLACE, () => passwordOf(service, env));
      const parsed = databaseSetting.safeParse(url);
      if (parsed.data?.engine === 'mysql') return parsed.data.url;
      throw new ConfigError('--mysql must be mysql://user:password@host:3306/im_{service}');
    },
    settingsOf: (module) =>
      loadConfig(module.config, {
        env,
        prefix: ENVIRONMENT_PREFIX,
        overrides: module.carry === undefined ? {} : { sessions },
        overridesFrom: '--sessions',
      }) as Record<string, unknown>,
  };
}

/** As `deploy/.env` has it. */
function passwordOf(service: string, env: Environment): string {
  const name = `IM_MYSQL_${service.toUpperCase()}_PASSWORD`;
  const password = env[name];
  if (password) return encodeURIComponent(password);
  throw new ConfigError(`${name} is not set, which ${PASSWORD_PLACE} stands for`);
}
