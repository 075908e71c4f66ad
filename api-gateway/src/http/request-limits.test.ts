import { afterEach, expect, test } from 'vitest';
import { API_KEY, startGateway, type TestGateway } from '../testing/start-gateway.ts';

let gateway: TestGateway;
afterEach(() => gateway.stop());

/** Comes through a proxy from this address. */
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

test('a user who asks too often is told when to come again; others are served', async () => {
  gateway = await startGateway({ requestsPerMinutePerUser: 3 });
  const eager = await gateway.signUp('eager');
  const calm = await gateway.signUp('calm');
  const ask = (token: string) => gateway.request('GET /v1/me', { token });
  for (let i = 0; i < 3; i++) expect((await ask(eager.accessToken)).status).toBe(200);
  const refused = await ask(eager.accessToken);
  expect(refused.status).toBe(429);
  expect(refused.json.error).toMatchObject({ status: 'RESOURCE_EXHAUSTED', reason: 'RATE_LIMITED' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect((await ask(calm.accessToken)).status).toBe(200);
  expect((await gateway.request('GET /.well-known/jwks.json')).status).toBe(200);
});

test('an address that asks too often is refused whoever asks, before anything is looked at', async () => {
  gateway = await startGateway({ requestsPerMinutePerAddress: 3, trustedProxies: ['127.0.0.0/8', '::1'] });
  const { accessToken: token } = await gateway.signUp('somebody');
  const status = async (line: string, options: Parameters<TestGateway['request']>[1]) =>
    (await gateway.request(line, options)).status;
  expect(await status('GET /.well-known/jwks.json', from('203.0.113.1'))).toBe(200);
  expect(await status('GET /v1/me', from('203.0.113.1'))).toBe(401);
  expect(await status('GET /v1/me', { ...from('203.0.113.1'), token })).toBe(200);
  expect(await status('GET /v1/me', { ...from('203.0.113.1'), token })).toBe(429);
  expect(await status('GET /v1/me', { ...from('203.0.113.1'), token: 'none' })).toBe(429);
  expect(await status('GET /v1/admin/api-keys', { ...from('203.0.113.1'), token: API_KEY })).toBe(429);
  expect(await status('GET /v1/me', { ...from('203.0.113.2'), token })).toBe(200);
  // Who watches over the server is not kept out.
  expect(await status('GET /healthz', from('203.0.113.1'))).toBe(200);
  // Without a proxy in between this is the machine itself.
  for (let i = 0; i < 5; i++) expect(await status('GET /.well-known/jwks.json', {})).toBe(200);
});
