import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeGroup } from './support/group.ts';
import { type JsonSchema, resolve, violations } from './support/json-schema.ts';
import { befriend, type Person, people, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { ask } from './support/raw-http.ts';

interface Operation {
  operationId: string;
  security: Record<string, unknown>[];
  parameters?: { name: string; in: string; required: boolean; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }>; $ref?: string }>;
}

interface Document extends JsonSchema {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: object; schemas: Record<string, JsonSchema> };
}

let product: Product;
let ann: Person;
let bob: Person;
let c: string;
let document: Document;
beforeAll(async () => {
  product = await startProduct();
  ({ ann, bob } = await people(product, 'ann', 'bob'));
  c = await befriend(ann, bob);
  document = (await ask(`${product.server.httpUrl}/openapi.json`)).json;
});
afterAll(() => product.stop());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );

test('the document is one of OpenAPI 3.1, with what a reader needs', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
  expect(Object.keys(document.components.securitySchemes).sort()).toEqual(['accessToken', 'apiKey']);
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, operation } of operations()) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(parameters.map(({ name }) => name)).toEqual(inPath);
    for (const parameter of parameters) expect(parameter.required).toBe(true);
    expect(Object.keys(operation.responses)).toContain('200');
    expect(Object.keys(operation.responses)).toContain('default');
  }
});

test('every reference leads somewhere, and every schema uses keywords that are known', () => {
  for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) resolve(document, ref!);
  for (const schema of Object.values(document.components.schemas)) violations(document, schema, {});
});

test('every operation is served, and says who may call it', async () => {
  for (const { path, method, operation } of operations()) {
    const url = product.server.httpUrl + path.replace(/\{\w+\}/g, '1');
    const { status } = await ask(url, { method, ...(method !== 'GET' && { body: '{"x":1}' }) });
    // Nobody in particular gets as far as the request itself only where anybody may.
    expect([path, method, status === 401]).toEqual([path, method, operation.security.length > 0]);
    expect(status).not.toBe(404);
    expect(status).not.toBe(405);
  }
});

/** Asks and holds the answer, also a refusal, against what the document says of it. */
async function fits(who: Person | undefined, method: string, path: string, body?: object): Promise<unknown> {
  const [plain] = path.split('?');
  const found = operations().find((each) => {
    const pattern = new RegExp(`^${each.path.replace(/\{\w+\}/g, '[^/]+')}$`);
    return each.method === method && pattern.test(plain!);
  });
  const { operation } = found!;
  if (body && operation.requestBody) {
    const { schema } = operation.requestBody.content['application/json']!;
    expect(violations(document, schema, body), `${method} ${path} asked`).toEqual([]);
  }
  const answer = await ask(product.server.httpUrl + path, {
    method,
    token: who?.signedIn.tokens.accessToken ?? product.adminKey,
    ...(body && { body: JSON.stringify(body) }),
  });
  const response = operation.responses[answer.status] ?? operation.responses.default!;
  const { content } = response.$ref ? (resolve(document, response.$ref) as typeof response) : response;
  const { schema } = content!['application/json']!;
  expect(violations(document, schema, answer.json), `${method} ${path} answered ${answer.text}`).toEqual([]);
  return answer.json;
}

test('answers are what the document says', async () => {
  const device = { deviceId: 'd', platform: 'WEB' };
  const account = { username: `u${randomUUID().slice(0, 8)}`, password: 'correct horse battery' };
  await fits(undefined, 'GET', '/v1/config');
  await fits(undefined, 'GET', '/.well-known/jwks.json');
  await fits(undefined, 'POST', '/v1/users', account);
  await fits(undefined, 'POST', '/v1/login', { ...account, device });
  await fits(undefined, 'POST', '/v1/login', { ...account, password: 'wrong', device });
  await fits(ann, 'GET', '/v1/me');
  await fits(ann, 'PATCH', '/v1/me', { bio: null, settings: { a: [1, { b: null }] } });
  await fits(ann, 'GET', '/v1/sessions');
  await fits(ann, 'GET', `/v1/users/${bob.uid}`);
  await fits(ann, 'GET', '/v1/users?query=bob');
  await fits(ann, 'GET', '/v1/users');
  await fits(ann, 'POST', '/v1/users/batch-get', { uids: [bob.uid] });
  await fits(ann, 'GET', '/v1/friends');
  await fits(bob, 'GET', '/v1/friend-requests');

  const messages = `/v1/conversations/${c}/messages`;
  const send = (clientMsgId: string, content: object) =>
    fits(ann, 'POST', messages, { clientMsgId, content, mentions: { uids: [bob.uid], all: false } });
  await send('1', text('hello'));
  await send('2', { custom: { type: 'x', data: 'AAEC' } });
  await send('3', { location: { latitude: 1.5, longitude: -2 } });
  await send('1', text('something else'));
  await fits(ann, 'PATCH', `${messages}/2`, { clientMsgId: '4', content: text('edited') });
  await fits(ann, 'POST', `${messages}/2/recall`, { clientMsgId: '5' });
  await fits(ann, 'DELETE', `${messages}/3`);
  await fits(bob, 'GET', messages);
  await fits(bob, 'POST', `/v1/conversations/${c}/read`, { seq: 3 });
  await fits(bob, 'GET', `/v1/conversations/${c}`);
  await fits(bob, 'PATCH', `/v1/conversations/${c}`, { draft: 'x', muted: null });

  const group = await makeGroup(product, ann, [bob]);
  await group.update(ann, { name: 'renamed' });
  await group.mute(ann, bob, new Date(0).toISOString());
  await group.leave(bob);
  await fits(ann, 'GET', `/v1/conversations/${group.conversationId}/messages`);
  await fits(bob, 'GET', '/v1/conversations');
  await fits(bob, 'GET', '/v1/sync');

  await fits(undefined, 'PUT', '/v1/admin/users/external', { nickname: 'External' });
  await fits(undefined, 'POST', '/v1/admin/tokens', { externalId: 'external', device });
  await fits(undefined, 'POST', '/v1/admin/messages', {
    toUid: bob.uid,
    clientMsgId: '1',
    content: text('x'),
  });
  await fits(undefined, 'POST', '/v1/admin/api-keys', { name: 'x', scopes: ['users'] });
  await fits(undefined, 'GET', '/v1/admin/api-keys');
  await fits(ann, 'POST', '/v1/logout', {});
});

test('what the document refuses the server refuses, and the other way round', async () => {
  const { schema } = document.paths['/v1/users']!.post!.requestBody!.content['application/json']!;
  for (const [body, good] of [
    [{ username: 'abc', password: 'correct horse' }, true],
    [{ username: 'abd', password: 'short' }, false],
    [{ username: 'abe' }, false],
    [{ username: 'abf', password: 'correct horse', age: 7 }, false],
    [{ username: 'abg', password: 'correct horse', nickname: '' }, false],
  ] as const) {
    expect(violations(document, schema, body).length === 0).toBe(good);
    const url = `${product.server.httpUrl}/v1/users`;
    const { status } = await ask(url, { method: 'POST', body: JSON.stringify(body) });
    expect(status).toBe(good ? 200 : 400);
  }
});

test('the page for readers loads from this server alone', async () => {
  const page = await ask(`${product.server.httpUrl}/docs`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!);
  expect(sources.length).toBeGreaterThan(1);
  for (const source of sources) {
    expect(source).not.toMatch(/^(?:https?:)?\/\//);
    expect((await ask(new URL(source, `${product.server.httpUrl}/docs`).href)).status).toBe(200);
  }
});
