import { exportJWK, generateKeyPair } from 'jose';
import { expect, test } from 'vitest';
import type { SigningKeyConfig } from '../config.ts';
import { loadSigningKeys, signingKeyAt, throwAwaySigningKey } from './signing-keys.ts';

const PUBLISHED = Date.parse('2030-01-01T00:00:00.000Z');
const MINUTE_MS = 60_000;

test('a new key is published at once and signs 10 minutes later, in place of the one below it', async () => {
  const keys = await loadSigningKeys([
    await setting('new', new Date(PUBLISHED).toISOString()),
    await setting('old'),
  ]);
  expect(keys.map((key) => key.publicJwk.kid)).toEqual(['new', 'old']);
  expect(signingKeyAt(keys, PUBLISHED).kid).toBe('old');
  expect(signingKeyAt(keys, PUBLISHED + 10 * MINUTE_MS - 1).kid).toBe('old');
  expect(signingKeyAt(keys, PUBLISHED + 10 * MINUTE_MS).kid).toBe('new');
});

test('while no key may sign yet, the one that may soonest does', async () => {
  const keys = await loadSigningKeys([
    await setting('later', new Date(PUBLISHED + 1).toISOString()),
    await setting('sooner', new Date(PUBLISHED).toISOString()),
  ]);
  expect(signingKeyAt(keys, PUBLISHED).kid).toBe('sooner');
});

test('a published key is public only', async () => {
  const configured = await setting('k1');
  const [key] = await loadSigningKeys([configured]);
  const { x } = configured.privateJwk;
  expect(key?.publicJwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x, kid: 'k1', alg: 'EdDSA', use: 'sig' });
  expect(Object.keys((await throwAwaySigningKey()).publicJwk).sort()).toEqual(
    ['kty', 'crv', 'x', 'kid', 'alg', 'use'].sort(),
  );
});

test('halves of different keys are refused by name, without showing them', async () => {
  const [one, other] = [await setting('mixed'), await setting('other')];
  const mixed = { ...one, privateJwk: { ...one.privateJwk, x: other.privateJwk.x } };
  const failure = await loadSigningKeys([mixed]).catch((error: unknown) => String(error));
  expect(failure).toContain('mixed');
  expect(failure).not.toContain(one.privateJwk.d);
});

async function setting(kid: string, publishedAt?: string): Promise<SigningKeyConfig> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x = '', d = '' } = await exportJWK(pair.privateKey);
  return { kid, privateJwk: { kty: 'OKP', crv: 'Ed25519', x, d }, publishedAt };
}
