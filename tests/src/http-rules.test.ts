import { type IncomingMessage, request } from 'node:http';
import type { WireSession } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { befriend, type Person, people, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { ask, type RawAnswer } from './support/raw-http.ts';
import { type Asker, askerOf, expectError } from './support/refusals.ts';
import { TEXT } from './support/shapes.ts';

let product: Product;
let asAnn: Asker;
let ann: Person;
let bob: Person;
let c: string;
beforeAll(async () => {
  product = await startProduct();
  ({ ann, bob } = await people(product, 'ann', 'bob'));
  c = await befriend(ann, bob);
  asAnn = askerOf(product, ann);
});
afterAll(() => product.stop());

const messages = () => `/v1/conversations/${c}/messages`;

// Requests

test('an upgrade to HTTP/2 that a client offers is passed over, and the request is answered', async () => {
  const { hostname, port } = new URL(product.server.httpUrl);
  const answered = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
    request({ hostname, port, path: '/v1/config', headers }, resolve).on('error', reject).end();
  });
  expect(answered.statusCode).toBe(200);
  expect(answered.headers['x-request-id']).toMatch(/./);
  answered.resume();
});

test('a path with a part that is longer than any id leads nowhere', async () => {
  await expectError(ask(`${product.server.httpUrl}/v1/users/${'1'.repeat(2_000)}`), 404, 'ROUTE_NOT_FOUND');
});

test.each([
  ['PATCH /v1/me', { nick: 'x' }, 'nick'],
  ['PATCH /v1/me', { avatar_url: '' }, 'avatar_url'],
  ['PATCH /v1/me', { uid: '1' }, 'uid'],
  ['PATCH /v1/me', { updateMask: 'bio' }, 'updateMask'],
  ['POST /v1/login', { username: 'a', device: { deviceId: 'd', os: 'x' } }, 'device.os'],
  ['GET /v1/sync?limit=1&page=2', undefined, 'page'],
  ['GET /v1/users?query=a&Query=b', undefined, 'Query'],
  ['POST /v1/logout?all=true', {}, 'all'],
])('unknown fields are refused with their path: %s %j', async (line, body, field) => {
  await expectError(asAnn(line, body), 400, 'UNKNOWN_FIELD', { field });
});

test('unknown fields are refused inside a message too, and so is a field that the path gives', async () => {
  const send = (body: object) =>
    asAnn(`POST ${messages()}`, { clientMsgId: 'x', content: text('x'), ...body });
  const inText = { content: { text: { text: 'x', bold: true } } };
  await expectError(send(inText), 400, 'UNKNOWN_FIELD', { field: 'content.text.bold' });
  const inForward = { content: { forward: { messages: [{ seq: 1 }, { sequence: 2 }] } } };
  await expectError(send(inForward), 400, 'UNKNOWN_FIELD', {
    field: 'content.forward.messages[1].sequence',
  });
  await expectError(send({ content: { sticker: {} } }), 400, 'UNKNOWN_FIELD', { field: 'content.sticker' });
  const { status } = await send({ conversationId: c });
  expect(status).toBe(400);
});

test.each([
  ['POST /v1/users/batch-get', { uids: '1' }, 'uids'],
  ['POST /v1/users/batch-get', { uids: [1] }, 'uids[0]'],
  ['POST /v1/users/batch-get', { uids: ['01'] }, 'uids[0]'],
  ['POST /v1/friend-requests', { uid: 12 }, 'uid'],
  ['POST /v1/friend-requests', { uid: '-1' }, 'uid'],
  ['PATCH /v1/me', { bio: 7 }, 'bio'],
  ['PATCH /v1/me', { settings: [] }, 'settings'],
  ['GET /v1/sync?limit=0', undefined, 'limit'],
  ['GET /v1/sync?limit=5001', undefined, 'limit'],
  ['GET /v1/sync?limit=1.5', undefined, 'limit'],
  ['GET /v1/conversations?pageSize=201', undefined, 'pageSize'],
  ['GET /v1/conversations?pageSize=-1', undefined, 'pageSize'],
  ['GET /v1/friend-requests?direction=UNSPECIFIED', undefined, 'direction'],
  ['GET /v1/friend-requests?direction=incoming', undefined, 'direction'],
  ['GET /v1/users/abc', undefined, 'uid'],
])('a field of the wrong kind is named: %s %j', async (line, body, field) => {
  await expectError(asAnn(line, body), 400, 'INVALID_FIELD', { field });
});

test.each(['UNSPECIFIED', 'web', 1, 'Platform.WEB', ''])('platform %j is none', async (platform) => {
  const login = { username: 'a', password: 'b', device: { deviceId: 'd', platform } };
  await expectError(asAnn('POST /v1/login', login), 400, 'INVALID_FIELD', { field: 'device.platform' });
});

test('an empty body reads as {}, with and without a content type', async () => {
  const typed: Record<string, string> = { 'content-type': 'application/json' };
  for (const headers of [{}, typed]) {
    const { status, json } = await asAnn('POST /v1/users/batch-get', undefined, { headers });
    expect([status, json]).toEqual([200, { users: [] }]);
  }
  const revoke = await asAnn('POST /v1/sessions/revoke-others', '', { headers: typed });
  expect([revoke.status, revoke.json]).toEqual([200, {}]);
});

test('what is no JSON object, no JSON at all, too large, or on the wrong way, is told apart', async () => {
  for (const body of ['{', '[]', 'null', '"x"', '1']) {
    await expectError(asAnn('PATCH /v1/me', body), 400, 'MALFORMED_BODY');
  }
  const headers = { 'content-type': 'text/plain' };
  await expectError(asAnn('PATCH /v1/me', '{}', { headers }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  await expectError(asAnn('POST /v1/logout', 'a=1', { headers: form }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  const large = { bio: 'x'.repeat(1_048_576) };
  await expectError(asAnn('PATCH /v1/me', large), 413, 'TOO_LARGE');
  const answer = asAnn('PUT /v1/me', {});
  await expectError(answer, 405, 'METHOD_NOT_ALLOWED');
  expect((await answer).headers.get('allow')).toContain('PATCH');
  for (const line of ['GET /v1', 'GET /v1/nothing', 'GET /metrics', 'GET /v1/me/', 'GET /']) {
    await expectError(asAnn(line), 404, 'ROUTE_NOT_FOUND');
  }
});

test('nobody, a wrong token and no bearer at all are 401', async () => {
  const url = `${product.server.httpUrl}/v1/me`;
  await expectError(ask(url), 401, 'SIGN_IN_REQUIRED');
  await expectError(ask(url, { token: 'x.y.z' }), 401, 'TOKEN_INVALID');
  const basic = { authorization: 'Basic YTpi' };
  await expectError(ask(url, { headers: basic }), 401, 'SIGN_IN_REQUIRED');
  // Tokens never stand in URLs.
  const { accessToken } = ann.signedIn.tokens;
  await expectError(ask(`${url}?access_token=${accessToken}`), 401, 'SIGN_IN_REQUIRED');
});

test('every answer has a request id of its own, or the one it was asked with', async () => {
  const ids = await Promise.all(
    ['/v1/me', '/v1/nothing', '/healthz', '/docs', '/openapi.json'].map(async (path) => {
      return (await asAnn(`GET ${path}`)).headers.get('x-request-id');
    }),
  );
  for (const id of ids) expect(id).toEqual(TEXT);
  expect(new Set(ids).size).toBe(ids.length);
  const headers = { 'x-request-id': 'order-4711' };
  const known = await asAnn('GET /v1/nothing', undefined, { headers });
  expect([known.headers.get('x-request-id'), known.error.requestId]).toEqual(['order-4711', 'order-4711']);
});

// PATCH

test('PATCH: the keys are the mask, null clears, settings merge key by key, no key is refused', async () => {
  const patch = async (body: object) => (await asAnn('PATCH /v1/me', body)).json.user;
  const first = { nickname: 'Annie', bio: 'about me', settings: { theme: 'dark', sounds: { ping: true } } };
  expect(await patch(first)).toMatchObject(first);
  expect(await patch({ bio: '' })).toMatchObject({ nickname: 'Annie', bio: '' });
  expect(await patch({ bio: 'again' })).toMatchObject({ bio: 'again' });
  expect(await patch({ bio: null })).toMatchObject({ nickname: 'Annie', bio: '' });
  const merged = await patch({ settings: { theme: null, language: 'zh' } });
  expect(merged.settings).toEqual({ sounds: { ping: true }, language: 'zh' });
  expect((await patch({ settings: {} })).settings).toEqual(merged.settings);
  await expectError(asAnn('PATCH /v1/me', {}), 400, 'EMPTY_PATCH');
  const conversation = `PATCH /v1/conversations/${c}`;
  await expectError(asAnn(conversation, {}), 400, 'EMPTY_PATCH');
  expect((await asAnn(conversation, { muted: true, draft: 'x' })).json.conversation.settings).toMatchObject({
    muted: true,
    draft: 'x',
  });
  expect((await asAnn(conversation, { draft: null })).json.conversation.settings).toMatchObject({
    muted: true,
    draft: '',
  });
});

// Lists

test('lists go on with nextPageToken, in pages of pageSize, each thing once', async () => {
  const { fay } = await people(product, 'fay');
  const friends = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(async (name) => {
      const friend = (await people(product, name))[name]!;
      await befriend(friend, fay);
      await friend.say(`u:${fay.uid}`, 'hello');
      return friend.uid;
    }),
  );
  for (const [list, path, uidOf] of [
    ['friends', '/v1/friends', (item: { uid: string }) => item.uid],
    ['conversations', '/v1/conversations', (item: { peer: { uid: string } }) => item.peer.uid],
    ['requests', '/v1/friend-requests', (item: { fromUid: string }) => item.fromUid],
  ] as [string, string, (item: unknown) => string][]) {
    const uids: string[] = [];
    const sizes: number[] = [];
    let token = '';
    do {
      const page = await fay.client.call('GET', `${path}?pageSize=2&pageToken=${token}`);
      uids.push(...page[list].map(uidOf));
      sizes.push(page[list].length);
      token = page.nextPageToken;
    } while (token !== '');
    expect(sizes).toEqual([2, 2, 1]);
    expect(uids.sort()).toEqual([...friends].sort());
    const madeUp = asAnn(`GET ${path}?pageToken=bm9uc2Vuc2U`);
    await expectError(madeUp, 400, 'PAGE_TOKEN_INVALID');
  }
});

// Ids

test('u:<uid> goes in, the real id comes out; other spellings are none', async () => {
  const { json } = await asAnn(`GET /v1/conversations/u:${bob.uid}`);
  expect(json.conversation.conversationId).toBe(c);
  const [, lower, higher] = c.split(':');
  for (const id of [
    `s:${higher}:${lower}`,
    `s:0${lower}:${higher}`,
    `s:${lower}`,
    `u:${ann.uid}`,
    'x:1',
    'g:0',
    '1',
  ]) {
    const reading = asAnn(`GET /v1/conversations/${id}`);
    await expectError(reading, 400, 'INVALID_FIELD', { field: 'conversationId' });
  }
  for (const id of ['g:1', 's:1:2', `n:${bob.uid}`, 'u:1']) {
    await expectError(asAnn(`GET /v1/conversations/${id}`), 404, 'CONVERSATION_NOT_FOUND');
  }
  await expectError(asAnn(`GET /v1/conversations/${c}/messages?fromSeq=0`), 400, 'INVALID_FIELD');
  await expectError(asAnn(`GET /v1/sync?cursor=nonsense`), 400, 'CURSOR_INVALID');
});

// Waiting

test('who tries passwords is told when to come back', async () => {
  const body = { username: 'nobody', password: 'wrong', device: { deviceId: 'd', platform: 'WEB' } };
  let refused: RawAnswer | undefined;
  for (let tries = 0; tries < 20 && refused === undefined; tries++) {
    const answer = await asAnn('POST /v1/login', body);
    if (answer.status === 429) refused = answer;
    else expect([answer.status, answer.error.reason]).toEqual([401, 'BAD_CREDENTIALS']);
  }
  expect(refused?.error).toMatchObject({ status: 'RESOURCE_EXHAUSTED', reason: 'LOGIN_THROTTLED' });
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('nobody is believed to speak for another address', async () => {
  const { refreshToken } = (await ann.another()).signedIn.tokens;
  const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' };
  const refreshed = await asAnn('POST /v1/token/refresh', { refreshToken }, { headers });
  const client = product.client.as(refreshed.json.tokens.accessToken);
  const { sessions } = await client.call<{ sessions: WireSession[] }>('GET', '/v1/sessions');
  expect(sessions.find(({ current }) => current)?.address).toBe('127.0.0.1');
});

test('metrics and profiles are on the admin port only', async () => {
  const admin = await ask(`${product.server.adminUrl}/metrics`);
  expect(admin.status).toBe(200);
  expect(admin.text).toContain('rpc_server_duration_seconds');
  await expectError(asAnn('GET /metrics'), 404, 'ROUTE_NOT_FOUND');
});
