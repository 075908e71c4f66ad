import { serviceKeyFromSeed } from '../../identity/service-key-text.ts';
import { sha256 } from '../../utils/sha256.ts';

/** What instances of auth-service share, made of a name that nobody else knows. */
export function sharedSecrets(name: string): Record<string, unknown> {
  const seed = Buffer.from(sha256(Buffer.from(`signing key of ${name}`))).toString('base64url');
  const { kty, crv, x, d } = serviceKeyFromSeed(seed).privateKey;
  return {
    signingKeys: [{ kid: 'test', privateJwk: { kty, crv, x, d } }],
    refreshSecret: Buffer.from(sha256(Buffer.from(`refresh tokens of ${name}`))).toString('base64url'),
  };
}
