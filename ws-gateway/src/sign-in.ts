import { ImError } from '@im/common/errors/im-error.ts';
import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { createAccessTokenVerifier, type VerifiedToken } from '@im/common/identity/access-token-verifier.ts';
import {
  type RevokedSessionNotice,
  type SessionLiveness,
  startSessionLiveness,
} from '@im/common/identity/session-liveness.ts';
import type { ServiceHost } from '@im/common/service/module.ts';

/** Says who holds an access token. */
export interface SignIn {
  /** Begins to follow which sessions end; until it has read them once nobody can sign in. */
  start(): void;
  /** Throws TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, or an UNAVAILABLE reason. */
  authenticate(accessToken: string): Promise<VerifiedToken>;
  /** Looks again whether the session still lives; throws as `authenticate` does. */
  check(token: VerifiedToken): void;
  notReady(): string | undefined;
  close(): Promise<void>;
}

export interface SignInListeners {
  onRevoked: (revoked: RevokedSessionNotice) => void;
  /** Tokens issued before this time (milliseconds since 1970) have no session any more. */
  onReborn: (bornAt: number) => void;
}

export function createSignIn(
  { client, now, log, metrics }: Pick<ServiceHost, 'client' | 'now' | 'log' | 'metrics'>,
  listeners: SignInListeners,
): SignIn {
  const auth = client(AuthService);
  const verifier = createAccessTokenVerifier({ auth, now, log });
  let liveness: SessionLiveness | undefined;

  function check(token: VerifiedToken): void {
    if (liveness === undefined) throw new ImError('SERVICE_AWAY', 'the server is starting');
    liveness.check(token);
  }

  return {
    start() {
      liveness = startSessionLiveness({ auth, now, log, metrics, ...listeners });
    },
    async authenticate(accessToken) {
      const token = await verifier.verify(accessToken);
      check(token);
      return token;
    },
    check,
    notReady: () => (liveness === undefined ? 'not started' : liveness.notReady()),
    close: async () => liveness?.close(),
  };
}
