import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { API_KEY, startGateway, type TestGateway } from './testing/start-gateway.ts';

let gateway: TestGateway;
let clock = Date.UTC(2030, 0, 1);

beforeAll(async () => {
  gateway = await startGateway({}, { now: () => clock });
});
afterAll(() => gateway.stop());

async function refusal(line: string, headers: Record<string, string>) {
  const answer = await gateway.request(line, { headers });
  return { status: answer.status, reason: answer.json.error?.reason, headers: answer.headers };
}

test.each([
  ['nothing', {}, 'SIGN_IN_REQUIRED'],
  ['another scheme', { authorization: 'Basic YTpi' }, 'SIGN_IN_REQUIRED'],
  ['no token', { authorization: 'Bearer' }, 'SIGN_IN_REQUIRED'],
  ['no real token', { authorization: 'Bearer abc' }, 'TOKEN_INVALID'],
  ['an endless token', { authorization: `Bearer ${'a'.repeat(5_000)}` }, 'TOKEN_INVALID'],
  ['an unknown API key', { authorization: 'Bearer imk_unknown' }, 'API_KEY_INVALID'],
] as const)('%s is 401', async (_name, headers, reason) => {
  const answer = await refusal('GET /v1/me', headers);
  expect(answer).toMatchObject({ status: 401, reason });
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
});

test('a signed-in user gets through, and the scheme may be written in any case', async () => {
  const { uid, accessToken } = await gateway.signUp('alice');
  const headers = { authorization: `bearer ${accessToken}` };
  const { status, json } = await gateway.request('GET /v1/me', { headers });
  expect(status).toBe(200);
  expect(json.user.uid).toBe(uid);
});

test('a token is out when it expires', async () => {
  const { accessToken } = await gateway.signUp('bob');
  clock += 16 * 60_000;
  expect(await refusal('GET /v1/me', { authorization: `Bearer ${accessToken}` })).toMatchObject({
    status: 401,
    reason: 'TOKEN_EXPIRED',
  });
});

test('a revoked session is out within 2 s', async () => {
  const { accessToken } = await gateway.signUp('carol');
  const headers = { authorization: `Bearer ${accessToken}` };
  expect((await gateway.request('POST /v1/logout', { headers })).status).toBe(200);
  await vi.waitFor(
    async () => expect(await refusal('GET /v1/me', headers)).toMatchObject({ reason: 'SESSION_REVOKED' }),
    { timeout: 2_000, interval: 50 },
  );
});

test('public methods do not look at tokens', async () => {
  const answer = await gateway.request('GET /.well-known/jwks.json', { token: 'nonsense' });
  expect(answer.status).toBe(200);
});

test('an API key reaches what its scopes allow and nothing of users', async () => {
  const headers = { authorization: `Bearer ${API_KEY}` };
  const made = await gateway.request('POST /v1/admin/api-keys', {
    headers,
    body: { name: 'n', scopes: ['users'] },
  });
  expect(made.status).toBe(200);
  const own = { authorization: `Bearer ${made.json.key}` };
  const upserted = await gateway.request('PUT /v1/admin/users/c-1', {
    headers: own,
    body: { nickname: 'C' },
  });
  expect(upserted.status).toBe(200);
  expect(await refusal('GET /v1/admin/api-keys', own)).toMatchObject({
    status: 403,
    reason: 'SCOPE_REQUIRED',
  });
  expect(await refusal('GET /v1/me', own)).toMatchObject({ status: 403, reason: 'ACCESS_DENIED' });
});

test('a user does not reach the server API', async () => {
  const { accessToken } = await gateway.signUp('dave');
  expect(await refusal('GET /v1/admin/api-keys', { authorization: `Bearer ${accessToken}` })).toMatchObject({
    status: 403,
    reason: 'ACCESS_DENIED',
  });
});

test('an API key is never accepted from a browser, not even from an allowed origin', async () => {
  const headers = { authorization: `Bearer ${API_KEY}`, origin: 'http://localhost:3000' };
  expect(await refusal('GET /v1/admin/api-keys', headers)).toMatchObject({
    status: 403,
    reason: 'ORIGIN_NOT_ALLOWED',
  });
});

test('a revoked API key is out within 2 s', async () => {
  const headers = { authorization: `Bearer ${API_KEY}` };
  const body = { name: 'short-lived', scopes: ['keys'] };
  const { json } = await gateway.request('POST /v1/admin/api-keys', { headers, body });
  const own = { authorization: `Bearer ${json.key}` };
  expect((await gateway.request('GET /v1/admin/api-keys', { headers: own })).status).toBe(200);
  await gateway.request(`DELETE /v1/admin/api-keys/${json.apiKey.keyId}`, { headers });
  clock += 1_000;
  expect(await refusal('GET /v1/admin/api-keys', own)).toMatchObject({
    status: 401,
    reason: 'API_KEY_INVALID',
  });
});

test('the address that sessions show is the socket’s; forwarded ones are believed from trusted proxies only', async () => {
  const addressOf = async (server: TestGateway, name: string) => {
    const account = { username: name, password: 'correct horse' };
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    await server.request('POST /v1/users', { body: account });
    const device = { deviceId: 'd', platform: 'WEB' };
    const { json } = await server.request('POST /v1/login', { body: { ...account, device }, headers });
    return json.session.address;
  };
  expect(await addressOf(gateway, 'erin')).toBe('127.0.0.1');
  const behindProxy = await startGateway({ trustedProxies: ['127.0.0.0/8'] });
  try {
    expect(await addressOf(behindProxy, 'erin')).toBe('203.0.113.7');
  } finally {
    await behindProxy.stop();
  }
});

test('what has no annotation is for services alone', async () => {
  const asGateway = gateway.process.client(UserService, 'api-gateway');
  await expect(asGateway.getProfile({ uid: '1' })).rejects.toMatchObject({ reason: 'ACCESS_DENIED' });
});
