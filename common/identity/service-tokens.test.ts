import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { generateServiceKeys, publicServiceKeys } from './service-keys.ts';
import { createServiceTokenIssuer, createServiceTokenVerifier } from './service-tokens.ts';

const NAMES = ['user-service', 'chat-service', 'api-gateway'] as const;
const START = Date.parse('2026-01-01T00:00:00Z');

function setUp() {
  const keys = generateServiceKeys(NAMES);
  const clock = { now: START };
  const now = () => clock.now;
  const issuer = (service: (typeof NAMES)[number]) =>
    createServiceTokenIssuer({ service, privateKey: keys[service].privateKey, now });
  const verifier = (service: (typeof NAMES)[number]) =>
    createServiceTokenVerifier({ service, publicKeysByService: publicServiceKeys(keys), now });
  return { keys, clock, issuer, verifier };
}

const invalid = { reason: 'TOKEN_INVALID', status: 'UNAUTHENTICATED' };

test('a token names its service to the one it was made for', async () => {
  const { issuer, verifier } = setUp();
  const token = await issuer('chat-service').token('user-service');
  expect(await verifier('user-service').verify(token)).toBe('chat-service');
  await expect(verifier('api-gateway').verify(token)).rejects.toMatchObject(invalid);
});

test('either of two keys speaks for a service while its key is being changed, and none beside them', async () => {
  const { keys, issuer } = setUp();
  const [next, stranger] = [generateServiceKeys(NAMES), generateServiceKeys(NAMES)];
  const publicKeysByService = {
    'chat-service': [keys['chat-service'].publicKey, next['chat-service'].publicKey],
  };
  const now = () => START;
  const users = createServiceTokenVerifier({ service: 'user-service', publicKeysByService, now });
  const signed = (of: typeof keys) =>
    createServiceTokenIssuer({ service: 'chat-service', privateKey: of['chat-service'].privateKey, now });
  expect(await users.verify(await issuer('chat-service').token('user-service'))).toBe('chat-service');
  expect(await users.verify(await signed(next).token('user-service'))).toBe('chat-service');
  await expect(users.verify(await signed(stranger).token('user-service'))).rejects.toMatchObject(invalid);
});

test('a token is good for a minute and replaced before', async () => {
  const { clock, issuer, verifier } = setUp();
  const chat = issuer('chat-service');
  const users = verifier('user-service');
  const first = await chat.token('user-service');
  expect(await users.verify(first)).toBe('chat-service');
  clock.now = START + 44_999;
  expect(chat.token('user-service')).toBe(first);
  clock.now = START + 45_000;
  const second = await chat.token('user-service');
  expect(second).not.toBe(first);
  clock.now = START + 59_999;
  expect(users.verify(first)).toBe('chat-service');
  expect(chat.token('user-service')).toBe(second);
  clock.now = START + 60_000;
  expect(() => users.verify(first)).toThrow(expect.objectContaining(invalid));
  await expect(users.verify(first)).rejects.toMatchObject(invalid);
  expect(await users.verify(second)).toBe('chat-service');
});

test('once seen, neither side waits', async () => {
  const { issuer, verifier } = setUp();
  const chat = issuer('chat-service');
  const users = verifier('user-service');
  const token = await chat.token('user-service');
  await users.verify(token);
  expect(chat.token('user-service')).toBe(token);
  expect(users.verify(token)).toBe('chat-service');
});

test('calls at the same time share one token, each target has its own', async () => {
  const { issuer } = setUp();
  const chat = issuer('chat-service');
  const tokens = await Promise.all([
    chat.token('user-service'),
    chat.token('user-service'),
    chat.token('api-gateway'),
  ]);
  expect(tokens[0]).toBe(tokens[1]);
  expect(tokens.map((token) => decodeJwt(token).aud)).toEqual([
    'user-service',
    'user-service',
    'api-gateway',
  ]);
});

test("only a service's own key speaks for it, and only with a proper token", async () => {
  const { keys, verifier } = setUp();
  const users = verifier('user-service');
  const stranger = generateServiceKeys(['chat-service']);
  const forge = (claims: Record<string, unknown>, header: Record<string, string>, key: object) =>
    new SignJWT({ iss: 'chat-service', aud: 'user-service', exp: START / 1000 + 60, ...claims })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'im-service+jwt', ...header })
      .sign(key);
  const own = keys['chat-service'].privateKey;
  expect(await users.verify(await forge({}, {}, own))).toBe('chat-service');
  const bad = [
    await forge({}, {}, stranger['chat-service'].privateKey),
    await forge({}, {}, keys['api-gateway'].privateKey),
    await forge({ iss: 'api-gateway' }, {}, own),
    await forge({ iss: 'friend-service' }, {}, own),
    await forge({ iss: 'toString' }, {}, own),
    await forge({ iss: undefined }, {}, own),
    await forge({ aud: undefined }, {}, own),
    await forge({ exp: undefined }, {}, own),
    await forge({}, { typ: 'JWT' }, own),
    new UnsecuredJWT({ iss: 'chat-service', aud: 'user-service' }).setExpirationTime('1m').encode(),
    '',
    'a.b.c',
  ];
  for (const token of bad) await expect(users.verify(token), token).rejects.toMatchObject(invalid);
});
