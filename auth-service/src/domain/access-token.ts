import type { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { ACCESS_TOKEN_ALGORITHM, ACCESS_TOKEN_ISSUER } from '@im/common/identity/access-token-verifier.ts';
import { platformClaim } from '@im/common/identity/platform-claim.ts';
import { SignJWT } from 'jose';
import type { SigningKey } from './signing-keys.ts';

export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Signs the access token of a session.
 *
 * `bornAt` is the session store's birth, a full second. A token is never dated before it, as verifiers
 * refuse those: without this the tokens of the store's first second would be refused.
 */
export async function signAccessToken(
  key: SigningKey,
  input: {
    uid: string;
    sessionId: string;
    platform: Platform_Value;
    now: number;
    bornAt: number;
    lifetimeSeconds: number;
  },
): Promise<AccessToken> {
  const issuedAt = Math.floor(Math.max(input.now, input.bornAt) / 1_000);
  const expiresAt = issuedAt + input.lifetimeSeconds;
  const token = await new SignJWT({ sid: input.sessionId, platform: platformClaim(input.platform) })
    .setProtectedHeader({ alg: ACCESS_TOKEN_ALGORITHM, kid: key.kid, typ: 'JWT' })
    .setIssuer(ACCESS_TOKEN_ISSUER)
    .setSubject(input.uid)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(key.privateKey);
  return { token, expiresAt: expiresAt * 1_000 };
}
