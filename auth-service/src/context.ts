import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { randomToken } from '@im/common/utils/random-id.ts';
import type { AuthConfig } from './config.ts';
import { loadSigningKeys, type SigningKey, throwAwaySigningKey } from './domain/signing-keys.ts';
import { openSessions } from './session/open-sessions.ts';
import type { Sessions } from './session/sessions.ts';

const THROW_AWAY_SECRET_BYTES = 32;

/** What the RPCs of this service work with. */
export interface AuthContext {
  readonly config: AuthConfig;
  readonly now: () => number;
  readonly log: Logger;
  readonly users: Pick<RpcClient<typeof UserService>, 'getAccount'>;
  readonly sessions: Sessions;
  /** Not empty. */
  readonly signingKeys: readonly SigningKey[];
  readonly refreshSecret: string;
  /** Lets go of the session store. */
  close(): Promise<void>;
}

/** Builds the context; `overrides` are for tests. */
export async function createAuthContext(
  config: AuthConfig,
  host: ServiceHost,
  overrides: Partial<AuthContext> = {},
): Promise<AuthContext> {
  if (config.signingKeys.length === 0 || config.refreshSecret === '') {
    host.log.warn('keys that are not configured are made for this run only: its tokens end with it');
  }
  const configuredKeys = await loadSigningKeys(config.signingKeys);
  const { sessions, close } = overrides.sessions
    ? { sessions: overrides.sessions, close: async () => {} }
    : await openSessions(config, host);
  return {
    config,
    now: host.now,
    log: host.log,
    users: host.client(UserService),
    sessions,
    signingKeys: configuredKeys.length > 0 ? configuredKeys : [await throwAwaySigningKey()],
    refreshSecret: config.refreshSecret || randomToken(THROW_AWAY_SECRET_BYTES),
    close,
    ...overrides,
  };
}
