import { randomUUID } from 'node:crypto';
import { login, register } from '@im/common/testing/client/accounts.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { befriend, people, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { type Asker, askerOf, expectError } from './support/refusals.ts';

let product: Product;
let asAnn: Asker;
let c: string;
beforeAll(async () => {
  product = await startProduct();
  const { ann, bob } = await people(product, 'ann', 'bob');
  c = await befriend(ann, bob);
  asAnn = askerOf(product, ann);
});
afterAll(() => product.stop());

const PASSWORD = 'correct horse battery';

test.each([
  ['username', 'ab', 'INVALID_FIELD'],
  ['username', 'x'.repeat(65), 'INVALID_FIELD'],
  ['username', 'white space', 'INVALID_FIELD'],
  ['username', 'semi;colon', 'INVALID_FIELD'],
  ['username', 'smile😀', 'INVALID_FIELD'],
  ['password', 'seven77', 'INVALID_FIELD'],
  ['password', 'x'.repeat(129), 'INVALID_FIELD'],
  ['nickname', '', 'INVALID_FIELD'],
  ['nickname', 'x'.repeat(65), 'INVALID_FIELD'],
])('%s %j is refused', async (field, value, reason) => {
  const body = { username: 'fine', password: PASSWORD, [field]: value };
  await expectError(asAnn('POST /v1/users', body), 400, reason, { field });
});

test('usernames are of any script, folded, and taken once', async () => {
  for (const username of ['小明.x', 'Ünal_-1', 'x'.repeat(64), 'абв']) {
    await register(product.client, { username, password: PASSWORD });
  }
  const full = await register(product.client, { username: 'ＦＵＬＬ', password: PASSWORD });
  expect(full.username).toBe('full');
  const taken = asAnn('POST /v1/users', { username: 'Full', password: PASSWORD });
  await expectError(taken, 409, 'USERNAME_TAKEN');
  const device = { deviceId: 'd', platform: 'LINUX' } as const;
  const signedIn = await login(product.client, { username: 'FULL', password: PASSWORD, device });
  expect(signedIn.user.uid).toBe(full.uid);
  const { users } = (await asAnn(`GET /v1/users?query=${encodeURIComponent('小')}`)).json;
  expect(users).toHaveLength(1);
  await expectError(asAnn('GET /v1/users'), 400, 'QUERY_REQUIRED');
});

test('texts, ids and settings have the sizes that are said', async () => {
  const send = (body: object) =>
    asAnn(`POST /v1/conversations/${c}/messages`, { clientMsgId: randomUUID(), content: text('x'), ...body });
  // Characters, not bytes.
  expect((await send({ content: text('😀'.repeat(8_000)) })).status).toBe(200);
  await expectError(send({ content: text('x'.repeat(8_001)) }), 400, 'INVALID_FIELD', {
    field: 'content.text.text',
  });
  await expectError(send({ content: text('') }), 400, 'INVALID_FIELD', { field: 'content.text.text' });
  expect((await send({ clientMsgId: `${randomUUID()}${'~'.repeat(92)}` })).status).toBe(200);
  for (const clientMsgId of ['', 'x'.repeat(129), 'é', 'tab\t', undefined]) {
    await expectError(send({ clientMsgId }), 400, 'INVALID_FIELD', { field: 'clientMsgId' });
  }
  const data = (bytes: number) => Buffer.alloc(bytes).toString('base64');
  expect((await send({ content: { custom: { type: 'x', data: data(16_384) } } })).status).toBe(200);
  const tooMuch = send({ content: { custom: { type: 'x', data: data(16_385) } } });
  await expectError(tooMuch, 400, 'INVALID_FIELD', { field: 'content.custom.data' });
  for (const content of [{}, undefined, { ...text('x'), card: { uid: '1' } }]) {
    await expectError(send({ content }), 400, 'INVALID_FIELD', { field: 'content' });
  }
  for (const url of ['media:1', 'https://example.com/a.png', 'javascript:alert(1)']) {
    await expectError(send({ content: { image: { url } } }), 400, 'MEDIA_NOT_ALLOWED');
  }
  const ask = (message: string) => asAnn('POST /v1/friend-requests', { uid: '5', message });
  await expectError(ask('x'.repeat(201)), 400, 'INVALID_FIELD', { field: 'message' });
  await expectError(ask('x'.repeat(200)), 404, 'USER_NOT_FOUND');
  await expectError(asAnn('PATCH /v1/me', { bio: 'x'.repeat(501) }), 400, 'INVALID_FIELD', { field: 'bio' });
  const settings = { large: 'x'.repeat(8 * 1_024) };
  await expectError(asAnn('PATCH /v1/me', { settings }), 400, 'INVALID_FIELD', { field: 'settings' });
  const uids = Array.from({ length: 201 }, (_, i) => String(i + 1));
  await expectError(asAnn('POST /v1/users/batch-get', { uids }), 400, 'INVALID_FIELD', { field: 'uids' });
});
