import { createAccessTokenVerifier } from '@im/common/identity/access-token-verifier.ts';
import { createAuthenticate } from '@im/common/identity/authenticate.ts';
import { startSessionLiveness } from '@im/common/identity/session-liveness.ts';
import type { GatewayContext } from '../context.ts';
import { createApiKeyCheck } from './api-keys.ts';
import { createIdentify, type Identify } from './identify.ts';

export interface IdentityChecks {
  readonly identify: Identify;
  /** Why tokens cannot be judged yet, in words. */
  notReady(): string | undefined;
  close(): Promise<void>;
}

/** Begins following which sessions have ended, and says from then on who sends a request. */
export function startIdentityChecks({ auth, user, host }: GatewayContext): IdentityChecks {
  const { now, log, metrics } = host;
  const liveness = startSessionLiveness({ auth, now, log, metrics });
  const verifier = createAccessTokenVerifier({ auth, now, log });
  return {
    identify: createIdentify({
      authenticate: createAuthenticate({ verifier, liveness }),
      checkApiKey: createApiKeyCheck(user, now),
    }),
    notReady: () => liveness.notReady(),
    close: () => liveness.close(),
  };
}
