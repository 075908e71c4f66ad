import { createPrivateKey, createPublicKey } from 'node:crypto';
import { ACCESS_TOKEN_ALGORITHM } from '@im/common/identity/access-token-verifier.ts';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { SigningKeyConfig } from '../config.ts';

/** Verifiers read the published keys every 5 minutes; twice that, so that a failed reading does no harm. */
const PUBLISHED_BEFORE_USE_MS = 10 * 60_000;

/** A public Ed25519 key as it is published (RFC 7517, RFC 8037). */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: string;
  readonly use: 'sig';
}

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: Awaited<ReturnType<typeof importJWK>>;
  readonly publicJwk: PublicJwk;
  /** From when it may sign, milliseconds since 1970. */
  readonly signsFrom: number;
}

/** Makes keys ready from their settings. Throws when the two halves of a key do not belong together. */
export async function loadSigningKeys(settings: readonly SigningKeyConfig[]): Promise<SigningKey[]> {
  return Promise.all(
    settings.map(async ({ kid, privateJwk, publishedAt }) => {
      if (publicHalf(privateJwk) !== privateJwk.x) {
        throw new Error(`signingKeys: the public half (x) of key ${kid} does not belong to its private half`);
      }
      return {
        kid,
        privateKey: await importJWK({ ...privateJwk }, ACCESS_TOKEN_ALGORITHM),
        publicJwk: toPublicJwk(kid, privateJwk.x),
        signsFrom: publishedAt === undefined ? 0 : Date.parse(publishedAt) + PUBLISHED_BEFORE_USE_MS,
      };
    }),
  );
}

/** A key that is gone with the process; its id is its thumbprint (RFC 7638). */
export async function throwAwaySigningKey(): Promise<SigningKey> {
  const pair = await generateKeyPair(ACCESS_TOKEN_ALGORITHM, { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  return { kid, privateKey: pair.privateKey, publicJwk: toPublicJwk(kid, publicJwk.x ?? ''), signsFrom: 0 };
}

/** The first key that may sign; while none may yet, the one that may soonest. `keys` is not empty. */
export function signingKeyAt(keys: readonly SigningKey[], now: number): SigningKey {
  const [soonest] = keys.toSorted((a, b) => a.signsFrom - b.signsFrom);
  const key = keys.find(({ signsFrom }) => signsFrom <= now) ?? soonest;
  if (!key) throw new Error('there is no signing key');
  return key;
}

function toPublicJwk(kid: string, x: string): PublicJwk {
  return { kty: 'OKP', crv: 'Ed25519', x, kid, alg: ACCESS_TOKEN_ALGORITHM, use: 'sig' };
}

function publicHalf(privateJwk: SigningKeyConfig['privateJwk']): string | undefined {
  const privateKey = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' });
  return createPublicKey(privateKey).export({ format: 'jwk' }).x;
}
