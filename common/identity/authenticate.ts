import type { AccessTokenVerifier, VerifiedToken } from './access-token-verifier.ts';
import type { SessionLiveness } from './session-liveness.ts';

/**
 * Says who holds an access token: it is genuine, not expired, and its session has not ended.
 *
 * Throws TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, or an UNAVAILABLE reason while neither can be known.
 */
export type Authenticate = (accessToken: string) => Promise<VerifiedToken>;

/** Joins the two checks that every request and every socket of a user must pass. */
export function createAuthenticate(parts: {
  verifier: AccessTokenVerifier;
  liveness: SessionLiveness;
}): Authenticate {
  return async (accessToken) => {
    const token = await parts.verifier.verify(accessToken);
    parts.liveness.check(token);
    return token;
  };
}
