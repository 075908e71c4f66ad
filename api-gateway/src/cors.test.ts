import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './testing/start-gateway.ts';

const PAGE = 'https://app.example';
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ allowedOrigins: [PAGE] });
});
afterAll(() => gateway.stop());

const from = (origin: string, more: Record<string, string> = {}) => ({ headers: { origin, ...more } });
const preflight = (method: string) => ({
  'access-control-request-method': method,
  'access-control-request-headers': 'authorization,content-type',
});

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
  'a page of an allowed origin may ask for %s',
  async (method) => {
    const { status, headers } = await gateway.request('OPTIONS /v1/me', from(PAGE, preflight(method)));
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(headers.get('access-control-allow-methods')).toContain(method);
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
    expect(headers.get('vary')).toContain('Origin');
  },
);

test('a page of an allowed origin may read answers, refusals too', async () => {
  const { status, headers } = await gateway.request('POST /v1/me/nothing', from(PAGE));
  expect(status).toBe(404);
  expect(headers.get('access-control-allow-origin')).toBe(PAGE);
  expect(headers.get('access-control-expose-headers')).toBe('X-Request-Id, Retry-After');
  expect(headers.get('access-control-allow-credentials')).toBeNull();
});

test('another page gets no CORS headers and changes nothing', async () => {
  const evil = 'https://evil.example';
  const asked = await gateway.request('OPTIONS /v1/me', from(evil, preflight('PATCH')));
  expect(asked.headers.get('access-control-allow-origin')).toBeNull();
  expect(asked.headers.get('access-control-allow-methods')).toBeNull();
  const read = await gateway.request('GET /.well-known/jwks.json', from(evil));
  expect(read.status).toBe(200);
  expect(read.headers.get('access-control-allow-origin')).toBeNull();
  for (const line of ['POST /v1/users', 'PATCH /v1/me', 'PUT /v1/me/password', 'DELETE /v1/sessions/a']) {
    const { status, json, headers } = await gateway.request(line, from(evil));
    expect(status).toBe(403);
    expect(json.error.reason).toBe('ORIGIN_NOT_ALLOWED');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('who names no origin passes', async () => {
  const body = { username: 'alice', password: 'correct horse' };
  const { status, headers } = await gateway.request('POST /v1/users', { body });
  expect(status).toBe(200);
  expect(headers.get('access-control-allow-origin')).toBeNull();
});

test('without a list the own origin and, on loopback, localhost pass', async () => {
  const byDefault = await startGateway();
  try {
    const own = byDefault.gateway.url;
    for (const origin of [own, 'http://localhost:5173']) {
      const { status, headers } = await byDefault.request('POST /v1/users', from(origin));
      expect(status).toBe(400);
      expect(headers.get('access-control-allow-origin')).toBe(origin);
    }
    expect((await byDefault.request('POST /v1/users', from(PAGE))).status).toBe(403);
  } finally {
    await byDefault.stop();
  }
});
