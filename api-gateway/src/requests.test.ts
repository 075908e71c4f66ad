import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_KEY, startGateway, type TestGateway } from './testing/start-gateway.ts';

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({ bodyLimitBytes: 2_048 });
  token = (await gateway.signUp('alice')).accessToken;
});
afterAll(() => gateway.stop());

const account = { username: 'bob', password: 'correct horse' };

test('an error has exactly the fields of the public interface', async () => {
  const { status, headers, json } = await gateway.request('POST /v1/users', {
    body: { ...account, username: 'alice' },
  });
  expect(status).toBe(409);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(json).toEqual({
    error: {
      code: 409,
      status: 'ALREADY_EXISTS',
      reason: 'USERNAME_TAKEN',
      message: expect.any(String),
      metadata: {},
      requestId: headers.get('x-request-id'),
    },
  });
});

test('an answer prints every field, also when it is empty', async () => {
  const { status, headers, json } = await gateway.request('GET /v1/me', { token });
  expect(status).toBe(200);
  expect(json.user).toMatchObject({ username: 'alice', bio: '', avatarUrl: '' });
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('an unknown field is named by its path', async () => {
  const device = { deviceId: 'd', platform: 'WEB', foo: 1 };
  const { status, json } = await gateway.request('POST /v1/login', { body: { ...account, device } });
  expect(status).toBe(400);
  expect(json.error).toMatchObject({
    status: 'INVALID_ARGUMENT',
    reason: 'UNKNOWN_FIELD',
    metadata: { field: 'device.foo' },
  });
});

test('a broken rule is named by the path of its field', async () => {
  const { status, json } = await gateway.request('POST /v1/users', {
    body: { ...account, password: 'short' },
  });
  expect(status).toBe(400);
  expect(json.error).toMatchObject({ reason: 'INVALID_FIELD', metadata: { field: 'password' } });
});

test('a query parameter of the wrong type is named', async () => {
  const { status, json } = await gateway.request('GET /v1/users?query=a&pageSize=abc', { token });
  expect(status).toBe(400);
  expect(json.error).toMatchObject({ reason: 'INVALID_FIELD', metadata: { field: 'pageSize' } });
});

test('an empty body is an empty object, also with a content type', async () => {
  const none = await gateway.request('POST /v1/users/batch-get', { token });
  expect(none).toMatchObject({ status: 200, json: { users: [] } });
  const headers = { 'content-type': 'application/json' };
  const typed = await gateway.request('POST /v1/users/batch-get', { token, headers });
  expect(typed).toMatchObject({ status: 200, json: { users: [] } });
  const deleted = await gateway.request('DELETE /v1/sessions/none', { token, headers });
  expect(deleted).toMatchObject({ status: 404, json: { error: { reason: 'SESSION_NOT_FOUND' } } });
});

test.each([
  ['another type', 'application/x-www-form-urlencoded', 'username=a'],
  ['no type that is known', 'text/plain', '{}'],
])('a body of %s is 415', async (_name, type, body) => {
  const { status, json } = await gateway.request('POST /v1/users', {
    body,
    headers: { 'content-type': type },
  });
  expect(status).toBe(415);
  expect(json.error.reason).toBe('UNSUPPORTED_MEDIA_TYPE');
});

test('a compressed body is 415', async () => {
  const { status } = await gateway.request('POST /v1/users', {
    body: '{}',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  });
  expect(status).toBe(415);
});

test.each(['{', '[]', '"x"', 'null', '7', ' '])('the body %j is 400', async (body) => {
  const { status, json } = await gateway.request('POST /v1/users', { body });
  expect(status).toBe(400);
  expect(json.error.reason).toBe('MALFORMED_BODY');
});

test.each([3_000, 10_000_000])('a body of %i bytes is beyond the limit and 413', async (length) => {
  const body = { ...account, nickname: 'x'.repeat(length) };
  const { status, json } = await gateway.request('POST /v1/users', { body });
  expect(status).toBe(413);
  expect(json.error).toMatchObject({ code: 413, status: 'INVALID_ARGUMENT', reason: 'TOO_LARGE' });
});

test('who must wait is told how many seconds', async () => {
  const device = { deviceId: 'd', platform: 'WEB' };
  const body = { username: 'mallory', password: 'wrong password', device };
  const answers = [];
  for (let attempt = 0; attempt < 15; attempt++) {
    answers.push(await gateway.request('POST /v1/login', { body }));
  }
  expect(answers[0]).toMatchObject({ status: 401, json: { error: { reason: 'BAD_CREDENTIALS' } } });
  const refused = answers.find(({ status }) => status === 429)!;
  expect(refused.json.error).toMatchObject({ status: 'RESOURCE_EXHAUSTED', reason: 'LOGIN_THROTTLED' });
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBe(Math.max(1, Math.ceil(Number(refused.json.error.metadata.retryAfterMs) / 1_000)));
});

test('the wrong method on a known path is 405 and says which are right', async () => {
  const { status, headers, json } = await gateway.request('PUT /v1/users/123');
  expect(status).toBe(405);
  expect(headers.get('allow')).toBe('GET, HEAD');
  expect(json.error.reason).toBe('METHOD_NOT_ALLOWED');
  const both = await gateway.request('PUT /v1/users/batch-get');
  expect(both.headers.get('allow')).toBe('GET, HEAD, POST');
  expect((await gateway.request('OPTIONS /v1/me')).headers.get('allow')).toBe('GET, HEAD, PATCH');
});

test.each([
  '/',
  '/v1',
  '/v1/nothing',
  '/v1/me/',
  '/V1/me',
  '/v1/%zz',
  '/docs/index.html',
  '/docs/../package.json',
])('%s is 404', async (path) => {
  const { status, headers, json } = await gateway.request(`GET ${path}`, { token });
  expect(status).toBe(404);
  expect(json.error.reason).toBe('ROUTE_NOT_FOUND');
  expect(headers.get('x-request-id')).toBe(json.error.requestId);
});

test('methods that services keep to themselves are no routes', async () => {
  const { status } = await gateway.request('POST /im.user.v1.UserService/VerifyApiKey', {
    body: { key: 'a' },
  });
  expect(status).toBe(404);
});

test('PATCH changes what it names', async () => {
  const first = { bio: 'hello', settings: { theme: 'dark', sounds: { message: true } } };
  expect((await gateway.request('PATCH /v1/me', { token, body: first })).json.user).toMatchObject(first);
  const second = { bio: null, settings: { sounds: null, language: 'zh' } };
  const { status, json } = await gateway.request('PATCH /v1/me', { token, body: second });
  expect(status).toBe(200);
  expect(json.user).toMatchObject({ bio: '', settings: { theme: 'dark', language: 'zh' } });
  expect(json.user.settings).not.toHaveProperty('sounds');
});

test('PATCH with no key at all is 400', async () => {
  for (const body of [{}, undefined]) {
    const { status, json } = await gateway.request('PATCH /v1/me', { token, body });
    expect(status).toBe(400);
    expect(json.error.reason).toBe('EMPTY_PATCH');
  }
});

test('an external id may be anything, percent-encoded', async () => {
  for (const externalId of ['customer/7', '张三 & co?', '😀'.repeat(128)]) {
    const line = `PUT /v1/admin/users/${encodeURIComponent(externalId)}`;
    const { status, json } = await gateway.request(line, { token: API_KEY, body: { nickname: 'x' } });
    expect(status, JSON.stringify(json)).toBe(200);
    expect(json.user.externalId).toBe(externalId);
  }
});

test('a service that is away is 503 and says when to come back', async () => {
  const { status, headers, json } = await gateway.request('GET /v1/conversations', { token });
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('1');
  expect(json.error).toMatchObject({ status: 'UNAVAILABLE', reason: 'SERVICE_AWAY' });
});

test('a sane request id is kept, in the header and in the error', async () => {
  const { headers, json } = await gateway.request('GET /v1/me', {
    headers: { 'x-request-id': 'order-4711' },
  });
  expect(headers.get('x-request-id')).toBe('order-4711');
  expect(json.error.requestId).toBe('order-4711');
});

test('HEAD answers as GET does, without the body', async () => {
  const { status, json } = await gateway.request('HEAD /.well-known/jwks.json');
  expect(status).toBe(200);
  expect(json).toBe('');
});
