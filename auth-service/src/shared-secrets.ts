import { ConfigError } from '@im/common/config/config-error.ts';
import type { AuthConfig } from './config.ts';

/**
 * What all instances of auth-service must have in common: keys that one of them
 * made for itself would be unknown to the others. Throws ConfigError.
 */
export function requireSharedSecrets(
  { sessions, refreshSecret, signingKeys }: Pick<AuthConfig, 'sessions' | 'refreshSecret' | 'signingKeys'>,
  where: string,
): void {
  if (sessions.engine === 'database')
    throw new ConfigError(
      `${where}: sessions: must be redis://… where auth-service is one of many processes`,
    );
  if (refreshSecret === '')
    throw new ConfigError(`${where}: refreshSecret: must be set where auth-service is one of many processes`);
  if (signingKeys.length === 0)
    throw new ConfigError(`${where}: signingKeys: must be set where auth-service is one of many processes`);
}
