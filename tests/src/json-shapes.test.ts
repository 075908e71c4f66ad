import { randomUUID } from 'node:crypto';
import { login, register } from '@im/common/testing/client/accounts.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeGroup } from './support/group.ts';
import { befriend, messageOf, type Person, people, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { ask } from './support/raw-http.ts';
import { NO_SETTINGS, SESSION, TEXT, TIME, TOKENS, UID, USER } from './support/shapes.ts';

// What stands without `?` in the public interface is written always, also when
// it is empty; what stands with it is left out when unset. `toEqual` on parsed
// JSON is exact: nothing more, nothing less.

let product: Product;
let ann: Person;
let bob: Person;
let c: string;
beforeAll(async () => {
  product = await startProduct({ services: { 'chat-service': { media: { externalUrls: true } } } });
  ({ ann, bob } = await people(product, 'ann', 'bob'));
  c = await befriend(ann, bob);
});
afterAll(() => product.stop());

const get = (path: string, who: Person = ann) => who.client.call('GET', path);
const externalId = TEXT;

test('accounts: a user, with settings for oneself only', async () => {
  const account = { username: 'Carol', password: 'correct horse battery' };
  const seen = await register(product.client, account);
  expect(seen).toEqual({ ...USER, username: 'carol', nickname: 'Carol', bio: '', avatarUrl: '' });
  const user = { ...seen, settings: {} };
  const device = { deviceId: 'd', platform: 'WEB' } as const;
  const carol = await login(product.client, { ...account, device });
  expect(carol).toEqual({
    user,
    tokens: TOKENS,
    session: { ...SESSION, ...device, name: '', address: '127.0.0.1', current: true },
  });
  const { tokens } = await product.client.call('POST', '/v1/token/refresh', {
    refreshToken: carol.tokens.refreshToken,
  });
  expect(tokens).toEqual(TOKENS);
  const client = product.client.as(tokens.accessToken);
  expect(await client.call('GET', '/v1/me')).toEqual({ user });
  expect(await client.call('GET', '/v1/sessions')).toEqual({
    sessions: [{ ...SESSION, ...device, name: '', current: true, online: false }],
  });
  expect(await get(`/v1/users/${user.uid}`)).toEqual({ user: seen });
  expect(await get('/v1/users?query=carol')).toEqual({ users: [seen], nextPageToken: '' });
  const batch = await ann.client.call('POST', '/v1/users/batch-get', { uids: [user.uid, '1'] });
  expect(batch).toEqual({ users: [seen] });
  expect(await get(`/v1/users/${ann.uid}`)).toEqual({ user: { ...USER, externalId } });
  expect(await client.call('POST', '/v1/sessions/revoke-others', {})).toEqual({});
  expect(await client.call('POST', '/v1/logout', {})).toEqual({});
});

test('friends and their requests', async () => {
  const { dan, eve } = await people(product, 'dan', 'eve');
  const asked = await dan.client.call('POST', '/v1/friend-requests', { uid: eve.uid });
  expect(asked).toEqual({
    request: {
      requestId: TEXT,
      fromUid: dan.uid,
      toUid: eve.uid,
      message: '',
      state: 'PENDING',
      createdAt: TIME,
    },
  });
  expect(await get('/v1/friend-requests', eve)).toEqual({ requests: [asked.request], nextPageToken: '' });
  expect(await get('/v1/friends', dan)).toEqual({ friends: [], nextPageToken: '' });
  const accepted = await eve.client.call('POST', `/v1/friend-requests/${asked.request.requestId}/accept`);
  expect(accepted).toEqual({ request: { ...asked.request, state: 'ACCEPTED' } });
  expect(await get('/v1/friends', dan)).toEqual({
    friends: [{ uid: eve.uid, remark: '', since: TIME, user: { ...USER, uid: eve.uid, externalId } }],
    nextPageToken: '',
  });
});

test('a crossing request answers the friendship that it became', async () => {
  const { dan, eve } = await people(product, 'dan', 'eve');
  const ask = { uid: eve.uid, message: 'shall we?' };
  const { request } = await dan.client.call('POST', '/v1/friend-requests', ask);
  const crossing = await eve.client.call('POST', '/v1/friend-requests', { uid: dan.uid });
  expect(crossing).toEqual({ request: { ...request, state: 'ACCEPTED' } });
  const again = dan.client.call('POST', '/v1/friend-requests', ask);
  await expect(again).rejects.toMatchObject({ code: 409, reason: 'ALREADY_FRIENDS' });
});

test('a message, sent, edited and recalled', async () => {
  const clientMsgId = randomUUID();
  const sent = await ann.say(c, 'hello', clientMsgId);
  const message = {
    conversationId: c,
    seq: expect.any(Number),
    senderUid: ann.uid,
    clientMsgId,
    sentAt: TIME,
    content: { text: { text: 'hello' } },
    reactions: [],
    asOfSeq: sent.seq,
  };
  expect(sent).toEqual(message);
  const path = `/v1/conversations/${c}/messages/${sent.seq}`;
  const edit = { clientMsgId: randomUUID(), content: text('hi') };
  const edited = await ann.client.call('PATCH', path, edit);
  const after = { ...message, content: text('hi'), editedAt: TIME, asOfSeq: sent.seq + 1 };
  expect(edited).toEqual({ message: after });
  const recalled = await ann.client.call('POST', `${path}/recall`, { clientMsgId: randomUUID() });
  const { content, ...blank } = after;
  expect(recalled).toEqual({ message: { ...blank, recalledAt: TIME, asOfSeq: sent.seq + 2 } });
  expect(await ann.client.call('DELETE', path)).toEqual({});

  const reply = { ...messageOf(c, '@bob'), replyToSeq: sent.seq, mentions: { uids: [bob.uid], all: false } };
  const { conversationId, ...body } = reply;
  const answer = await ann.client.call('POST', `/v1/conversations/${c}/messages`, body);
  expect(answer.message).toEqual({
    ...reply,
    seq: sent.seq + 3,
    senderUid: ann.uid,
    sentAt: TIME,
    reactions: [],
    asOfSeq: sent.seq + 3,
  });
});

test.each([
  [{ text: { text: 'a\nb 中 😀' } }, {}],
  [{ image: { url: 'https://example.com/a.png', width: 0, height: 0, size: '0' } }, {}],
  [{ image: { url: 'https://example.com/a.png' } }, { width: 0, height: 0, size: '0' }],
  [{ file: { url: 'https://example.com/a', name: 'a', size: '9007199254740993' } }, { mediaType: '' }],
  [{ audio: { url: 'https://example.com/a' } }, { durationMs: 0, size: '0' }],
  [
    { video: { url: 'https://example.com/a', thumbnailUrl: 'https://example.com/t' } },
    { durationMs: 0, width: 0, height: 0, size: '0' },
  ],
  [{ location: { latitude: -33.5, longitude: 151.25 } }, {}],
  [{ location: { latitude: 0, longitude: 0, name: '' } }, {}],
  [{ card: { uid: '1' } }, {}],
  [{ custom: { type: 'poll', data: 'AAECAw==' } }, {}],
  [{ custom: { type: 'poll' } }, { data: '' }],
])('content %j comes back with every field', async (content, added) => {
  const { message } = await ann.client.call('POST', `/v1/conversations/${c}/messages`, {
    clientMsgId: randomUUID(),
    content,
  });
  const [kind, value] = Object.entries(content)[0]!;
  expect(message.content).toEqual({ [kind]: { ...value, ...added } });
});

test('forwarded messages come back as they were given', async () => {
  const original = await ann.say(c, 'forward me');
  const { message } = await ann.client.call('POST', `/v1/conversations/${c}/messages`, {
    clientMsgId: randomUUID(),
    content: { forward: { messages: [original] } },
  });
  expect(message.content).toEqual({ forward: { messages: [original] } });
});

test('a conversation and its list', async () => {
  const { dan } = await people(product, 'dan');
  const own = await befriend(dan, bob);
  const conversation = {
    conversationId: own,
    kind: 'DIRECT',
    peer: { ...USER, uid: bob.uid, externalId },
    headSeq: 1,
    readSeq: 0,
    unread: 0,
    mentionSeqs: [],
    peerReadSeq: 0,
    visibleFromSeq: 1,
    settings: NO_SETTINGS,
    updatedAt: TIME,
  };
  expect(await get(`/v1/conversations/${own}`, dan)).toEqual({ conversation });
  expect(await get('/v1/conversations', dan)).toEqual({ conversations: [conversation], nextPageToken: '' });
  const lastMessage = await bob.say(own, 'hi');
  const spoken = { ...conversation, headSeq: 2, unread: 1, peerReadSeq: 2, lastMessage };
  expect(await get(`/v1/conversations/u:${bob.uid}`, dan)).toEqual({ conversation: spoken });
  const read = await dan.client.call('POST', `/v1/conversations/${own}/read`, { seq: 2 });
  expect(read).toEqual({ readSeq: 2, unread: 0 });
  const changes = { muted: true, draft: 'but' };
  expect(await dan.client.call('PATCH', `/v1/conversations/${own}`, changes)).toEqual({
    conversation: { ...spoken, readSeq: 2, unread: 0, settings: { ...NO_SETTINGS, ...changes } },
  });
});

test('a group as a conversation has no peer, and after leaving a leftSeq', async () => {
  const { dan } = await people(product, 'dan');
  const group = await makeGroup(product, ann, [dan]);
  await group.leave(dan);
  expect(await get(`/v1/conversations/${group.conversationId}`, dan)).toEqual({
    conversation: {
      conversationId: group.conversationId,
      kind: 'GROUP',
      headSeq: 3,
      readSeq: 0,
      unread: 0,
      mentionSeqs: [],
      visibleFromSeq: 1,
      leftSeq: 3,
      settings: NO_SETTINGS,
      updatedAt: TIME,
    },
  });
});

test('events of every kind, in history and sync', async () => {
  const { dan, eve } = await people(product, 'dan', 'eve');
  const group = await makeGroup(product, dan, [eve]);
  const conversationId = group.conversationId;
  const until = new Date(Date.now() + 60_000).toISOString();
  const message = await dan.say(conversationId, 'hello');
  await group.setRole(dan, eve, 'ADMIN');
  await group.mute(dan, eve, until);
  await group.update(dan, { name: 'another name' });
  const path = `/v1/conversations/${conversationId}/messages/${message.seq}`;
  await dan.client.call('PATCH', path, { clientMsgId: randomUUID(), content: text('hi') });
  await dan.client.call('POST', `${path}/recall`, { clientMsgId: randomUUID() });
  await group.leave(eve);
  await group.dismiss(dan);
  const event = (seq: number, kind: object, actor = dan) => {
    return { conversationId, seq, at: TIME, actorUid: actor.uid, ...kind };
  };
  const [, groupId] = conversationId.split(':');
  const shown = {
    groupId,
    conversationId,
    name: 'another name',
    avatarUrl: '',
    announcement: '',
    ownerUid: dan.uid,
    memberCount: 0,
    joinPolicy: 'INVITE_ONLY',
    historyPolicy: 'ALL',
    muteAll: false,
    createdAt: TIME,
  };
  const before = [
    event(1, { memberAdded: { uids: [dan.uid], inviterUid: dan.uid } }),
    event(2, { memberAdded: { uids: [eve.uid], inviterUid: dan.uid } }),
  ];
  const after = [
    event(4, { memberUpdated: { uid: eve.uid, role: 'ADMIN' } }),
    event(5, { memberUpdated: { uid: eve.uid, mutedUntil: until } }),
    event(6, { groupUpdated: { group: shown } }),
    // The text of an edit goes with the recall of its message.
    event(7, { edited: { targetSeq: 3 } }),
    event(8, { recalled: { targetSeq: 3 } }),
    event(9, { memberRemoved: { uids: [eve.uid], left: true } }, eve),
    event(10, { groupDismissed: {} }),
  ];
  const { content, ...rest } = message;
  const recalled = { ...rest, editedAt: TIME, recalledAt: TIME, asOfSeq: 10 };
  expect(await get(`/v1/conversations/${conversationId}/messages`, dan)).toEqual({
    messages: [recalled],
    events: [...before, ...after],
    fromSeq: 1,
    toSeq: 10,
  });
  const page = await get('/v1/sync', dan);
  const synced = page.conversations.find((each: { kind: string }) => each.kind === 'GROUP');
  expect(synced.events).toEqual([...before, event(3, { message: recalled }), ...after]);
});

test('sync: empty, and with notices', async () => {
  const { dan, eve } = await people(product, 'dan', 'eve');
  const page = await get('/v1/sync', dan);
  expect(page).toEqual({
    conversations: [],
    hidden: [],
    profile: { ...USER, uid: dan.uid, externalId, settings: {} },
    cursor: TEXT,
    more: false,
    epoch: TEXT,
  });
  const { request } = await eve.client.call('POST', '/v1/friend-requests', { uid: dan.uid, message: 'hi' });
  expect(await get(`/v1/sync?cursor=${page.cursor}`, dan)).toEqual({
    conversations: [
      {
        conversationId: `n:${dan.uid}`,
        kind: 'NOTICE',
        headSeq: 1,
        readSeq: 0,
        unread: 0,
        mentionSeqs: [],
        visibleFromSeq: 1,
        settings: NO_SETTINGS,
        updatedAt: TIME,
        events: [
          {
            conversationId: `n:${dan.uid}`,
            seq: 1,
            at: TIME,
            actorUid: eve.uid,
            friendRequest: { request },
          },
        ],
        complete: true,
      },
    ],
    hidden: [],
    cursor: TEXT,
    more: false,
    epoch: page.epoch,
  });
});

test('an error body', async () => {
  const { status, json, headers } = await ask(`${product.server.httpUrl}/v1/users/1`, {
    token: ann.signedIn.tokens.accessToken,
  });
  expect(status).toBe(404);
  expect(json).toEqual({
    error: {
      code: 404,
      status: 'NOT_FOUND',
      reason: 'USER_NOT_FOUND',
      message: TEXT,
      metadata: {},
      requestId: headers.get('x-request-id'),
    },
  });
});

test('the configuration, the public keys and the health of the server', async () => {
  expect(await product.client.call('GET', '/v1/config')).toEqual({
    socketUrl: expect.toBeOneOf(product.server.wsUrls),
    registration: 'OPEN',
    maxUploadBytes: expect.stringMatching(/^\d+$/),
    serverVersion: TEXT,
    epoch: TEXT,
  });
  const { keys } = await product.client.call('GET', '/.well-known/jwks.json');
  expect(keys[0]).toEqual({ kty: 'OKP', crv: 'Ed25519', x: TEXT, kid: TEXT, alg: 'EdDSA', use: 'sig' });
  expect(await product.client.call('GET', '/healthz')).toEqual({});
  expect(await product.client.call('GET', '/readyz')).toEqual({});
});

test('socket frames carry the same shapes', async () => {
  const socket = await product.connect();
  const welcome = await socket.hello(ann.signedIn.tokens.accessToken);
  expect(welcome).toEqual({
    uid: ann.uid,
    sessionId: ann.sessionId,
    serverTime: TIME,
    heartbeatSeconds: 30,
    epoch: (await product.client.call('GET', '/v1/config')).epoch,
  });
  expect(await socket.request('ping', {})).toEqual({});
  const sent = await socket.request('sendMessage', messageOf(c, 'over a socket'));
  const { messages } = await get(`/v1/conversations/${c}/messages?limit=1`);
  expect(messages).toEqual([sent.message]);
  const { seq } = sent.message;
  expect(await socket.request('markRead', { conversationId: c, seq })).toEqual({ readSeq: seq, unread: 0 });
  const range = await socket.request('getMessages', { conversationId: c, limit: 200 });
  expect(range).toEqual(await get(`/v1/conversations/${c}/messages?limit=200`));
  const page = await socket.request('sync', {});
  expect(page).toEqual(await get('/v1/sync'));
});

test('uid and seq are what they are said to be everywhere', async () => {
  const page = JSON.stringify(await get('/v1/sync'));
  for (const [, value] of page.matchAll(/"(?:uid|senderUid|actorUid|fromUid|toUid)":([^,}]+)/g)) {
    expect(JSON.parse(value!)).toEqual(UID);
  }
  for (const [, value] of page.matchAll(/"\w*[sS]eq":([^,}]+)/g)) {
    expect(Number.isSafeInteger(JSON.parse(value!))).toBe(true);
  }
});
