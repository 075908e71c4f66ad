import { randomUUID } from 'node:crypto';
import { issueTokens, login, upsertUser } from '@im/common/testing/client/accounts.ts';
import { createImClient, type ImClient } from '@im/common/testing/client/http.ts';
import type { ImSocket } from '@im/common/testing/client/socket.ts';
import type { SignedIn, WireMessage } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { pushedEvent } from './support/frames.ts';
import { befriend, messageOf, type Person, people, person, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { ask } from './support/raw-http.ts';

// What a product with accounts and a login of its own needs: the API key alone.

const DEVICE = { deviceId: 'their phone', platform: 'ANDROID' } as const;

let product: Product;
let admin: ImClient;
beforeAll(async () => {
  product = await startProduct();
  const key = product.adminKey;
  admin = createImClient(product.server.httpUrl, key);
});
afterAll(() => product.stop());

async function signedIn(externalId: string): Promise<SignedIn & { socket: ImSocket; client: ImClient }> {
  const answer = await issueTokens(admin, { externalId, device: DEVICE });
  const socket = await product.connect();
  await socket.hello(answer.tokens.accessToken);
  return { ...answer, socket, client: product.client.as(answer.tokens.accessToken) };
}

const adminSend = async (body: Record<string, unknown>): Promise<WireMessage> =>
  (await admin.call('POST', '/v1/admin/messages', { clientMsgId: randomUUID(), ...body })).message;

test('two people of the product are made, get tokens, and chat', async () => {
  const one = await upsertUser(admin, 'shop:1', { nickname: '小明' });
  expect(one).toMatchObject({ externalId: 'shop:1', username: '', nickname: '小明' });
  const other = await upsertUser(admin, 'shop/2 ?', {
    nickname: 'Eve',
    avatarUrl: 'https://example.com/e.png',
  });
  expect(other).toMatchObject({ externalId: 'shop/2 ?', avatarUrl: 'https://example.com/e.png' });

  const [ming, eve] = await Promise.all([signedIn('shop:1'), signedIn('shop/2 ?')]);
  expect([ming.user.uid, eve.user.uid]).toEqual([one.uid, other.uid]);
  expect(ming.session).toMatchObject({ ...DEVICE, current: true });
  await ming.client.call('POST', '/v1/friend-requests', { uid: eve.user.uid });
  await eve.client.call('POST', '/v1/friend-requests', { uid: ming.user.uid });
  const sent = await ming.socket.request('sendMessage', messageOf(`u:${eve.user.uid}`, '你好'));
  const seen = await pushedEvent(eve.socket, (event) => event.message !== undefined);
  expect(seen.message).toEqual(sent.message);
});

test('the same external id is the same user; what is not named stays', async () => {
  const made = await upsertUser(admin, 'again', { username: 'Again', nickname: 'first' });
  const changed = await upsertUser(admin, 'again', { nickname: 'second' });
  expect(changed).toEqual({ ...made, nickname: 'second' });
  expect(changed.username).toBe('again');
  const ann = await person(product, 'ann');
  expect((await ann.client.call('GET', `/v1/users/${made.uid}`)).user).toEqual(changed);
  const taken = upsertUser(admin, 'somebody else', { username: 'AGAIN' });
  await expect(taken).rejects.toMatchObject({ code: 409, reason: 'USERNAME_TAKEN' });
});

test('tokens are for exactly one user who is there', async () => {
  const { uid } = await upsertUser(admin, 'token-holder');
  const device = DEVICE;
  expect((await issueTokens(admin, { uid, device })).user.uid).toBe(uid);
  const neither = issueTokens(admin, { device });
  await expect(neither).rejects.toMatchObject({ code: 400, reason: 'INVALID_FIELD' });
  const both = issueTokens(admin, { uid, externalId: 'token-holder', device });
  await expect(both).rejects.toMatchObject({ code: 400, reason: 'INVALID_FIELD' });
  const unknown = issueTokens(admin, { externalId: 'nobody', device });
  await expect(unknown).rejects.toMatchObject({ code: 404, reason: 'USER_NOT_FOUND' });
});

test('who has no username cannot sign in by password, who has both can', async () => {
  const password = 'correct horse battery';
  const { uid } = await upsertUser(admin, 'nameless');
  await admin.call('PUT', `/v1/admin/users/${uid}/password`, { newPassword: password });
  for (const username of ['', 'nameless']) {
    const refused = login(product.client, { username, password, device: DEVICE });
    await expect(refused).rejects.toMatchObject({ code: username === '' ? 400 : 401 });
  }
  await upsertUser(admin, 'nameless', { username: 'named' });
  expect((await login(product.client, { username: 'named', password, device: DEVICE })).user.uid).toBe(uid);
});

test('a disabled user gets no tokens, and may come back', async () => {
  const { uid } = await upsertUser(admin, 'blocked');
  await admin.call('POST', `/v1/admin/users/${uid}/disable`, {});
  const refused = { code: 403, reason: 'ACCOUNT_DISABLED' };
  await expect(issueTokens(admin, { uid, device: DEVICE })).rejects.toMatchObject(refused);
  await admin.call('POST', `/v1/admin/users/${uid}/enable`, {});
  await issueTokens(admin, { uid, device: DEVICE });
  await upsertUser(admin, 'blocked', { disabled: true });
  await expect(issueTokens(admin, { uid, device: DEVICE })).rejects.toMatchObject(refused);
});

test('nobody else is the server API', async () => {
  const ann = await person(product, 'ann');
  await expect(upsertUser(ann.client, 'x')).rejects.toMatchObject({ code: 403, reason: 'ACCESS_DENIED' });
  await expect(upsertUser(product.client, 'x')).rejects.toMatchObject({ code: 401 });
  const madeUp = product.client.as(`imk_${'0'.repeat(16)}_${'x'.repeat(43)}`);
  await expect(upsertUser(madeUp, 'x')).rejects.toMatchObject({ code: 401, reason: 'API_KEY_INVALID' });
});

test.each([
  ['http://localhost:3000', 'its own pages'],
  ['https://elsewhere.example', 'foreign pages'],
  ['null', 'files'],
])('the key is never taken from a browser: %s (%s)', async (origin) => {
  for (const [method, path] of [
    ['GET', '/v1/admin/api-keys'],
    ['PUT', '/v1/admin/users/from-a-page'],
  ] as const) {
    const url = product.server.httpUrl + path;
    const { status, error } = await ask(url, { method, headers: { origin }, token: product.adminKey });
    expect([status, error.reason]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
  }
});

test('a key does what its scopes name, is shown once, and ends within 2 s', async () => {
  const made = await admin.call('POST', '/v1/admin/api-keys', { name: 'tokens only', scopes: ['tokens'] });
  expect(made).toEqual({
    apiKey: {
      keyId: expect.any(String),
      name: 'tokens only',
      scopes: ['tokens'],
      createdAt: expect.stringMatching(/Z$/),
    },
    key: expect.stringMatching(/^imk_/),
  });
  const limited = product.client.as(made.key);
  await upsertUser(admin, 'limited');
  await issueTokens(limited, { externalId: 'limited', device: DEVICE });
  const refused = { code: 403, reason: 'SCOPE_REQUIRED', metadata: { scope: 'users' } };
  await expect(upsertUser(limited, 'limited')).rejects.toMatchObject(refused);

  const listed = await admin.call('GET', '/v1/admin/api-keys');
  expect(listed.apiKeys).toContainEqual(made.apiKey);
  expect(JSON.stringify(listed)).not.toContain(made.key);

  await admin.call('DELETE', `/v1/admin/api-keys/${made.apiKey.keyId}`);
  await vi.waitFor(
    async () => {
      const use = issueTokens(limited, { externalId: 'limited', device: DEVICE });
      await expect(use).rejects.toMatchObject({ code: 401, reason: 'API_KEY_INVALID' });
    },
    { timeout: 2_000 },
  );
});

test('a key cannot give what it has not, nor scopes that do not exist', async () => {
  const { key } = await admin.call('POST', '/v1/admin/api-keys', { name: 'keys', scopes: ['keys'] });
  const more = product.client.as(key).call('POST', '/v1/admin/api-keys', { name: 'more', scopes: ['users'] });
  await expect(more).rejects.toMatchObject({ code: 403, reason: 'SCOPE_REQUIRED' });
  for (const scopes of [[], ['root'], ['users', 'users']]) {
    const wrong = admin.call('POST', '/v1/admin/api-keys', { name: 'x', scopes });
    await expect(wrong).rejects.toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
  }
});

let ann: Person;
let bob: Person;
let direct: string;
beforeEach(async () => {
  if (direct !== undefined) return;
  ({ ann, bob } = await people(product, 'ann', 'bob'));
  direct = await befriend(ann, bob);
});

test('a message of the system comes in a conversation of its own, which users only read', async () => {
  const socket = await ann.socket();
  const body = { toUid: ann.uid, clientMsgId: 'welcome', content: text('Welcome!') };
  const sent = await adminSend(body);
  expect(sent).toMatchObject({ conversationId: `s:0:${ann.uid}`, seq: 1, senderUid: '0' });
  const seen = await pushedEvent(socket, (event) => event.conversationId === sent.conversationId);
  expect(seen).toMatchObject({ seq: 1, actorUid: '0' });
  expect(seen.message).toEqual(sent);

  const { conversation } = await ann.client.call('GET', `/v1/conversations/s:0:${ann.uid}`);
  expect(conversation).toMatchObject({ kind: 'DIRECT', headSeq: 1, unread: 1, lastMessage: sent });
  expect(conversation).not.toHaveProperty('peer');
  const reply = ann.say(`s:0:${ann.uid}`, 'thanks');
  await expect(reply).rejects.toMatchObject({ code: 403, reason: 'DIRECT_NOT_ALLOWED' });
  const reading = bob.client.call('GET', `/v1/conversations/s:0:${ann.uid}/messages`);
  await expect(reading).rejects.toMatchObject({ code: 404, reason: 'CONVERSATION_NOT_FOUND' });
});

test('sending it twice is harmless there too', async () => {
  const body = { toUid: bob.uid, clientMsgId: 'once', content: text('once') };
  const [first, second] = await Promise.all([adminSend(body), adminSend(body)]);
  expect(second).toEqual(first);
  const other = adminSend({ ...body, content: text('other') });
  await expect(other).rejects.toMatchObject({ code: 409, reason: 'MESSAGE_ID_REUSED' });
});

test('the system writes anywhere; a user it speaks for is bound as ever', async () => {
  expect(await adminSend({ conversationId: direct, content: text('be kind') })).toMatchObject({
    conversationId: direct,
    senderUid: '0',
  });
  const spoken = await adminSend({ toUid: bob.uid, senderUid: ann.uid, content: text('from Ann') });
  expect(spoken).toMatchObject({ conversationId: direct, senderUid: ann.uid });
  const stranger = await person(product, 'stranger');
  const unknown = adminSend({ toUid: ann.uid, senderUid: stranger.uid, content: text('hello') });
  await expect(unknown).rejects.toMatchObject({ code: 403, reason: 'DIRECT_NOT_ALLOWED' });
  const elsewhere = adminSend({ conversationId: direct, senderUid: stranger.uid, content: text('hello') });
  await expect(elsewhere).rejects.toMatchObject({ code: 404, reason: 'CONVERSATION_NOT_FOUND' });
});

test('where to is said exactly once, and somebody must be there', async () => {
  const content = text('hello');
  await expect(adminSend({ content })).rejects.toMatchObject({ code: 400, reason: 'INVALID_FIELD' });
  const both = adminSend({ content, toUid: ann.uid, conversationId: direct });
  await expect(both).rejects.toMatchObject({ code: 400, reason: 'INVALID_FIELD' });
  const nobody = adminSend({ content, toUid: '1234567' });
  await expect(nobody).rejects.toMatchObject({ code: 404, reason: 'USER_NOT_FOUND' });
  const notices = adminSend({ content, conversationId: `n:${ann.uid}` });
  await expect(notices).rejects.toMatchObject({ code: 403, reason: 'READ_ONLY' });
});

test('the product takes any message back', async () => {
  const socket = await bob.socket();
  const { seq } = await ann.say(direct, 'something awful');
  const path = `/v1/admin/conversations/${direct}/messages/${seq}/recall`;
  const { message } = await admin.call('POST', path, {});
  expect(message).toMatchObject({ seq, senderUid: ann.uid });
  expect(message).not.toHaveProperty('content');
  expect(message.recalledAt).toBeDefined();
  const event = await pushedEvent(socket, ({ recalled }) => recalled?.targetSeq === seq);
  expect(event.actorUid).toBe('0');
  expect((await admin.call('POST', path, {})).message).toEqual(message);
  // A name as on a user's recall changes nothing.
  expect((await admin.call('POST', path, { clientMsgId: 'again' })).message).toEqual(message);
  const { messages } = await bob.client.call('GET', `/v1/conversations/${direct}/messages`);
  expect(JSON.stringify(messages)).not.toContain('something awful');
});
