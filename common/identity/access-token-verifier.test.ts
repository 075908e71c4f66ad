import { create } from '@bufbuild/protobuf';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { ImError, type Reason } from '../errors/im-error.ts';
import { type AuthService, ListKeysResponseSchema } from '../gen/im/auth/v1/auth_service_pb.ts';
import { Platform_Value } from '../gen/im/session/v1/session_pb.ts';
import type { RpcClient } from '../rpc/types.ts';
import { createLogger } from '../telemetry/log.ts';
import { createAccessTokenVerifier } from './access-token-verifier.ts';

const START = 1_700_000_000_000;
const FIVE_MINUTES = 5 * 60_000;

test('a token of a published key says who holds it', async () => {
  const issuer = await createIssuer();
  const key = await issuer.publish('k1');
  expect(await issuer.verifier.verify(await key.sign())).toEqual({
    uid: '7',
    sessionId: 'session',
    platform: Platform_Value.UNSPECIFIED,
    issuedAt: START,
    expiresAt: START + 900_000,
  });
});

test.each([
  ['IOS', Platform_Value.IOS],
  ['UNSPECIFIED', Platform_Value.UNSPECIFIED],
  ['TOASTER', Platform_Value.UNSPECIFIED],
  [2, Platform_Value.UNSPECIFIED],
])('the platform %s is read as %i', async (platform, read) => {
  const issuer = await createIssuer();
  const key = await issuer.publish('k1');
  expect((await issuer.verifier.verify(await key.sign({ platform }))).platform).toBe(read);
});

test('a token that somebody else made, or for something else, is invalid', async () => {
  const issuer = await createIssuer();
  const key = await issuer.publish('k1');
  const stranger = await createKey('k1');
  const good = await key.sign();
  const [head, body, signature] = good.split('.') as [string, string, string];
  const bad: Record<string, string> = {
    empty: '',
    malformed: 'a.b.c',
    long: `${good}${'x'.repeat(4_096)}`,
    'signed by a stranger': await stranger.sign(),
    'of another issuer': await key.sign({ iss: 'other' }),
    'without a session': await key.sign({ sid: undefined }),
    'with a session that is no text': await key.sign({ sid: 5 }),
    'with an empty user': await key.sign({ sub: '' }),
    'without an expiry': await key.sign({ exp: undefined }),
    'without a date': await key.sign({ iat: undefined }),
    'without a key id': await key.sign({}, { kid: undefined }),
    'with another body': `${head}.${Buffer.from('{"sub":"8"}').toString('base64url')}.${signature}`,
    'with a broken signature': `${head}.${body}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`,
    unsigned: new UnsecuredJWT({ sub: '7', sid: 'session', iss: 'im-backend' })
      .setIssuedAt(START / 1_000)
      .setExpirationTime(START / 1_000 + 900)
      .encode(),
    'with a shared secret': await new SignJWT({ sub: '7', sid: 'session', iss: 'im-backend' })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .setIssuedAt(START / 1_000)
      .setExpirationTime(START / 1_000 + 900)
      .sign(new TextEncoder().encode(key.publicJwk.x)),
  };
  for (const [what, token] of Object.entries(bad)) {
    expect(await reasonOf(issuer.verifier.verify(token)), what).toBe('TOKEN_INVALID');
  }
  expect(await reasonOf(issuer.verifier.verify(good))).toBe('accepted');
});

test('a token expires, also one that was verified before', async () => {
  const issuer = await createIssuer();
  const key = await issuer.publish('k1');
  const [seen, unseen] = [await key.sign(), await key.sign({ sid: 'unseen' })];
  issuer.clock.at = START + 899_999;
  expect(await reasonOf(issuer.verifier.verify(seen))).toBe('accepted');
  issuer.clock.at = START + 900_000;
  expect(await reasonOf(issuer.verifier.verify(seen))).toBe('TOKEN_EXPIRED');
  expect(await reasonOf(issuer.verifier.verify(unseen))).toBe('TOKEN_EXPIRED');
});

test('a token dated ahead by more than clocks differ has to be refreshed, also one that was verified before', async () => {
  const issuer = await createIssuer();
  const key = await issuer.publish('k1');
  const [seen, unseen] = [await key.sign(), await key.sign({ sid: 'unseen' })];
  expect(await reasonOf(issuer.verifier.verify(seen))).toBe('accepted');
  issuer.clock.at = START - 60_000;
  expect(await reasonOf(issuer.verifier.verify(seen))).toBe('accepted');
  issuer.clock.at = START - 60_001;
  expect(await reasonOf(issuer.verifier.verify(seen))).toBe('TOKEN_EXPIRED');
  expect(await reasonOf(issuer.verifier.verify(unseen))).toBe('TOKEN_EXPIRED');
});

test('keys are read once for many, again for an unknown key, and not for each made-up one', async () => {
  const issuer = await createIssuer();
  const first = await issuer.publish('k1');
  const tokens = await Promise.all(['a', 'b', 'c'].map((sid) => first.sign({ sid })));
  await Promise.all(tokens.map((token) => issuer.verifier.verify(token)));
  expect(issuer.reads).toBe(1);

  issuer.clock.at += 2_000;
  const second = await issuer.publish('k2');
  await issuer.verifier.verify(await second.sign());
  expect(issuer.reads).toBe(2);

  for (const kid of ['x', 'y', 'z']) {
    const made = await createKey(kid);
    expect(await reasonOf(issuer.verifier.verify(await made.sign()))).toBe('TOKEN_INVALID');
  }
  expect(issuer.reads).toBe(2);
});

test('keys are read again after 5 minutes, and a key taken back takes its tokens along', async () => {
  const issuer = await createIssuer();
  const key = await issuer.publish('k1');
  const other = await issuer.publish('k2');
  const token = await key.sign();
  await issuer.verifier.verify(token);
  issuer.keys.delete('k1');
  issuer.clock.at += FIVE_MINUTES;
  await issuer.verifier.verify(await other.sign());
  expect(issuer.reads).toBe(2);
  issuer.clock.at += 2_000;
  expect(await reasonOf(issuer.verifier.verify(token))).toBe('TOKEN_INVALID');
});

test('without the keys a token is not called invalid', async () => {
  const issuer = await createIssuer();
  const key = await issuer.publish('k1');
  const token = await key.sign();
  issuer.away = true;
  expect(await reasonOf(issuer.verifier.verify(token))).toBe('SERVICE_AWAY');
  expect(await reasonOf(issuer.verifier.verify(token))).toBe('SERVICE_AWAY');
  expect(issuer.reads).toBe(1);
  issuer.away = false;
  issuer.clock.at += 1_000;
  expect(await reasonOf(issuer.verifier.verify(token))).toBe('accepted');
  issuer.away = true;
  issuer.clock.at += FIVE_MINUTES;
  expect(await reasonOf(issuer.verifier.verify(token))).toBe('accepted');
  expect(await reasonOf(issuer.verifier.verify(await key.sign({ sid: 'more' })))).toBe('accepted');
});

/** Publishes keys as auth-service does. */
async function createIssuer() {
  const keys = new Map<string, Awaited<ReturnType<typeof createKey>>>();
  const clock = { at: START };
  const issuer = {
    clock,
    keys,
    reads: 0,
    away: false,
    async publish(kid: string) {
      const key = await createKey(kid);
      keys.set(kid, key);
      return key;
    },
    verifier: createAccessTokenVerifier({
      auth: {
        async listKeys() {
          issuer.reads += 1;
          if (issuer.away) throw new ImError('SERVICE_AWAY', 'auth-service is away');
          return create(ListKeysResponseSchema, { keys: [...keys.values()].map((key) => key.publicJwk) });
        },
      } as Partial<RpcClient<typeof AuthService>> as RpcClient<typeof AuthService>,
      now: () => clock.at,
      log: createLogger({ level: 'silent' }),
    }),
  };
  return issuer;
}

async function createKey(kid: string) {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x = '' } = await exportJWK(pair.publicKey);
  return {
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' },
    sign: (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
      new SignJWT({
        iss: 'im-backend',
        sub: '7',
        sid: 'session',
        iat: START / 1_000,
        exp: START / 1_000 + 900,
        ...claims,
      })
        .setProtectedHeader({ alg: 'EdDSA', kid, ...header })
        .sign(pair.privateKey),
  };
}

async function reasonOf(verified: Promise<unknown>): Promise<Reason | 'accepted'> {
  try {
    await verified;
    return 'accepted';
  } catch (error) {
    if (error instanceof ImError) return error.reason;
    throw error;
  }
}
