import { randomUUID } from 'node:crypto';
import { login, register } from '@im/common/testing/client/accounts.ts';
import type { ImClient } from '@im/common/testing/client/http.ts';
import type { ImSocket } from '@im/common/testing/client/socket.ts';
import type {
  SignedIn,
  WireConversation,
  WireEvent,
  WireFriendRequest,
  WireMessage,
  WireRange,
  WireSync,
} from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pushed, pushedEvent, pushedEvents } from './support/frames.ts';
import { befriend, directConversation, messageOf, people, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

// One story, told in order: each test goes on where the one before ended.

interface Someone {
  readonly uid: string;
  readonly signedIn: SignedIn;
  readonly client: ImClient;
  readonly socket: ImSocket;
  /** Of the last sync. */
  cursor?: string;
}

const PASSWORD = 'correct horse battery';

let product: Product;
let ann: Someone;
let bob: Someone;
let conversationId: string;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

async function comeIn(username: string): Promise<Someone> {
  const { uid } = await register(product.client, { username, password: PASSWORD });
  const device = { deviceId: randomUUID(), platform: 'WEB' as const };
  const signedIn = await login(product.client, { username, password: PASSWORD, device });
  expect(signedIn.user.uid).toBe(uid);
  const socket = await product.connect();
  await socket.hello(signedIn.tokens.accessToken);
  return { uid, signedIn, socket, client: product.client.as(signedIn.tokens.accessToken) };
}

async function sync(who: Someone): Promise<WireSync> {
  const query = who.cursor === undefined ? '' : `?cursor=${encodeURIComponent(who.cursor)}`;
  const page = await who.client.call<WireSync>('GET', `/v1/sync${query}`);
  who.cursor = page.cursor;
  return page;
}

const history = async (who: Someone, query = '') =>
  who.client.call<WireRange>('GET', `/v1/conversations/${conversationId}/messages${query}`);

const conversation = async (who: Someone): Promise<WireConversation> =>
  (await who.client.call('GET', `/v1/conversations/${conversationId}`)).conversation;

const isDirect = (seq: number) => (event: WireEvent) =>
  event.conversationId === conversationId && event.seq === seq;

async function say(who: Someone, value: string): Promise<WireMessage> {
  return (await who.socket.request('sendMessage', messageOf(conversationId, value))).message;
}

test('they register, sign in and find each other', async () => {
  [ann, bob] = await Promise.all([comeIn('Ann'), comeIn('Bob')]);
  conversationId = directConversation(ann, bob);
  const { users } = await ann.client.call('GET', '/v1/users?query=bo');
  expect(users.map((user: { uid: string }) => user.uid)).toEqual([bob.uid]);
  expect(await sync(ann)).toMatchObject({ conversations: [], hidden: [], more: false });
  expect(await sync(bob)).toMatchObject({ conversations: [], hidden: [], more: false });
});

test('strangers may not write to each other, and there is nothing to read', async () => {
  const refused = { code: 403, reason: 'DIRECT_NOT_ALLOWED' };
  await expect(say(ann, 'hello?')).rejects.toMatchObject(refused);
  await expect(history(ann)).rejects.toMatchObject({ code: 404, reason: 'CONVERSATION_NOT_FOUND' });
  expect((await ann.client.call('GET', '/v1/conversations')).conversations).toEqual([]);
});

test('a friend request is told in the notices of the one it is sent to', async () => {
  const { request } = await ann.client.call<{ request: WireFriendRequest }>('POST', '/v1/friend-requests', {
    uid: bob.uid,
    message: 'It is me, Ann',
  });
  expect(request).toMatchObject({ fromUid: ann.uid, toUid: bob.uid, state: 'PENDING' });
  const notice = await pushedEvent(bob.socket, (event) => event.friendRequest !== undefined);
  expect(notice).toMatchObject({
    conversationId: `n:${bob.uid}`,
    seq: 1,
    actorUid: ann.uid,
    friendRequest: { request },
  });
  const { requests } = await bob.client.call('GET', '/v1/friend-requests');
  expect(requests).toEqual([request]);
  expect((await ann.client.call('GET', '/v1/friend-requests?direction=OUTGOING')).requests).toEqual([
    request,
  ]);
});

test('accepting it opens their conversation with friendAdded as seq 1, and both are told', async () => {
  const { requests } = await bob.client.call('GET', '/v1/friend-requests');
  const path = `/v1/friend-requests/${requests[0].requestId}/accept`;
  expect((await bob.client.call('POST', path, {})).request.state).toBe('ACCEPTED');

  for (const [one, other] of [
    [ann, bob],
    [bob, ann],
  ] as const) {
    const opened = await pushedEvent(one.socket, (event) => event.conversationId === conversationId);
    expect(opened).toMatchObject({ seq: 1, friendAdded: { uid: expect.stringMatching(/^\d+$/) } });
    const notice = await pushedEvent(
      one.socket,
      (event) => event.conversationId === `n:${one.uid}` && event.friendAdded !== undefined,
    );
    expect(notice.friendAdded).toEqual({ uid: other.uid });
    const { friends } = await one.client.call('GET', '/v1/friends');
    expect(friends).toMatchObject([{ uid: other.uid, user: { uid: other.uid } }]);
    expect(await history(one)).toMatchObject({ messages: [], events: [{ seq: 1 }], fromSeq: 1, toSeq: 1 });
  }
});

test('what one says the other sees at once, numbered from 2 on, over sockets and HTTP alike', async () => {
  const first = await say(ann, 'hello Bob');
  expect(first).toMatchObject({ conversationId, seq: 2, senderUid: ann.uid, content: text('hello Bob') });
  const seen = await pushedEvent(bob.socket, isDirect(2));
  expect(seen.message).toEqual(first);

  const body = { clientMsgId: randomUUID(), content: text('hello Ann'), replyToSeq: 2 };
  const alias = `/v1/conversations/u:${ann.uid}/messages`;
  const { message } = await bob.client.call('POST', alias, body);
  expect(message).toMatchObject({ conversationId, seq: 3, senderUid: bob.uid, replyToSeq: 2 });
  const answer = await pushedEvent(ann.socket, isDirect(3));
  expect(answer.message).toEqual(message);

  const mentions = { uids: [bob.uid], all: false };
  const request = { ...messageOf(conversationId, '@Bob'), mentions };
  expect((await ann.socket.request('sendMessage', request)).message).toMatchObject({ seq: 4, mentions });
});

test('unread and mentions are counted until they are read, and the other sees the mark', async () => {
  expect(await conversation(bob)).toMatchObject({ headSeq: 4, readSeq: 3, unread: 1, mentionSeqs: [4] });
  expect(await bob.socket.request('markRead', { conversationId, seq: 4 })).toEqual({ readSeq: 4, unread: 0 });
  expect(await conversation(bob)).toMatchObject({ readSeq: 4, unread: 0, mentionSeqs: [] });
  await pushed(ann.socket, 'readMark', (mark) => mark.uid === bob.uid && mark.seq === 4);
  expect(await conversation(ann)).toMatchObject({ peerReadSeq: 4, readSeq: 4 });

  // A mark never goes back, and never beyond the head.
  const path = `/v1/conversations/${conversationId}/read`;
  expect(await bob.client.call('POST', path, { seq: 1 })).toEqual({ readSeq: 4, unread: 0 });
  expect(await bob.client.call('POST', path, { seq: 4_000 })).toEqual({ readSeq: 4, unread: 0 });
});

test('who writes has read what stood before, and the other is shown that too', async () => {
  const { carl, dora } = await people(product, 'carl', 'dora');
  const id = await befriend(carl, dora);
  const socket = await carl.socket();
  await carl.say(id, 'have you read it?');
  const { seq } = await dora.say(id, 'yes');
  await socket.waitFor((frame) => frame.readMark?.uid === dora.uid && frame.readMark.seq === seq);
  expect((await carl.client.call('GET', `/v1/conversations/${id}`)).conversation).toMatchObject({
    peerReadSeq: seq,
  });
  // Nothing was unread any more: no mark is worth a frame of its own.
  await dora.say(id, 'I have');
  await socket.waitFor((frame) => frame.events?.events.some((event) => event.seq === seq + 1) === true);
  await socket.request('ping', {});
  expect(socket.pushes.filter((frame) => frame.readMark?.uid === dora.uid)).toHaveLength(1);
});

test('typing is seen by the other alone', async () => {
  ann.socket.typing(`u:${bob.uid}`);
  expect(await pushed(bob.socket, 'typing')).toEqual({ conversationId, uid: ann.uid });
  await ann.socket.request('ping', {});
  expect(ann.socket.pushes.filter((frame) => frame.typing)).toEqual([]);
});

test('an edit is an event of its own, and the message shows it', async () => {
  const edit = { conversationId, seq: 2, clientMsgId: randomUUID(), content: text('hello dear Bob') };
  const { message } = await ann.socket.request('editMessage', edit);
  expect(message).toMatchObject({ seq: 2, content: text('hello dear Bob'), asOfSeq: 5 });
  expect(message.editedAt).toBeDefined();
  const event = await pushedEvent(bob.socket, (each) => each.edited !== undefined);
  expect(event).toMatchObject({
    seq: 5,
    actorUid: ann.uid,
    edited: { targetSeq: 2, content: text('hello dear Bob') },
  });
  expect((await history(bob)).messages.find(({ seq }) => seq === 2)).toEqual(message);
});

test('a recall takes the text away everywhere', async () => {
  const path = `/v1/conversations/${conversationId}/messages/3/recall`;
  const { message } = await bob.client.call('POST', path, { clientMsgId: randomUUID() });
  expect(message).toMatchObject({ seq: 3, asOfSeq: 6 });
  expect(message).not.toHaveProperty('content');
  const event = await pushedEvent(ann.socket, (each) => each.recalled !== undefined);
  expect(event).toMatchObject({ seq: 6, actorUid: bob.uid, recalled: { targetSeq: 3 } });
  expect((await history(ann)).messages.find(({ seq }) => seq === 3)).toEqual(message);
  const fresh = await ann.client.call('GET', '/v1/sync');
  expect(JSON.stringify(fresh)).not.toContain('hello Ann');
});

test('history is read by range, cut at the upper end, and backwards from a seq', async () => {
  const seqs = ({ messages, events }: WireRange) =>
    [...messages, ...events].map(({ seq }) => seq).sort((a, b) => a - b);
  const all = await history(ann);
  expect(seqs(all)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(all.messages.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  expect(all).toMatchObject({ fromSeq: 1, toSeq: 6 });
  const cut = await history(ann, '?fromSeq=2&toSeq=6&limit=3');
  expect([seqs(cut), cut.fromSeq, cut.toSeq]).toEqual([[2, 3, 4], 2, 4]);
  const below = await history(ann, '?beforeSeq=4&limit=2');
  expect([seqs(below), below.fromSeq, below.toSeq]).toEqual([[2, 3], 2, 3]);
  const newest = await history(ann, '?limit=2');
  expect([seqs(newest), newest.fromSeq, newest.toSeq]).toEqual([[5, 6], 5, 6]);
  const overSocket = await ann.socket.request('getMessages', { conversationId, fromSeq: 1, toSeq: 6 });
  expect(overSocket).toEqual(all);
});

test('sync from the cursor brings what happened since, once, the same over HTTP and sockets', async () => {
  const overSocket = await bob.socket.request('sync', { cursor: bob.cursor! });
  const page = await sync(bob);
  expect(page).toEqual(overSocket);
  const direct = page.conversations.find((each) => each.conversationId === conversationId)!;
  expect(direct).toMatchObject({ kind: 'DIRECT', headSeq: 6, complete: true, peer: { uid: ann.uid } });
  expect(direct.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  const notices = page.conversations.find((each) => each.conversationId === `n:${bob.uid}`)!;
  expect(notices).toMatchObject({ kind: 'NOTICE', complete: true });
  expect(notices.events).toMatchObject([
    { seq: 1, friendRequest: { request: { state: 'PENDING' } } },
    { seq: 2, friendRequest: { request: { state: 'ACCEPTED' } } },
    { seq: 3, friendAdded: { uid: ann.uid } },
  ]);
  expect(await sync(bob)).toMatchObject({ conversations: [], hidden: [], more: false });

  // A change shows what it changed, without what was there before.
  const { seq } = await say(ann, 'one more');
  const next = await sync(bob);
  expect(next.conversations.map((each) => each.conversationId)).toEqual([conversationId]);
  expect(next.conversations[0]).toMatchObject({ headSeq: seq, unread: 1, complete: true });
  expect(next.conversations[0]!.events.map((event) => event.seq)).toEqual([seq]);
});

test('the list of conversations has theirs, without the notices', async () => {
  const { conversations, nextPageToken } = await bob.client.call('GET', '/v1/conversations');
  expect(nextPageToken).toBe('');
  expect(conversations).toEqual([await conversation(bob)]);
  expect(conversations[0]).toMatchObject({ conversationId, kind: 'DIRECT', unread: 1 });
  expect(conversations[0].lastMessage.content).toEqual(text('one more'));
});

test('settings, hidden messages and profile are told to the other devices and to sync', async () => {
  const device = { deviceId: randomUUID(), platform: 'IOS' as const };
  const phone = await login(product.client, { username: 'bob', password: PASSWORD, device });
  const socket = await product.connect();
  await socket.hello(phone.tokens.accessToken);
  await sync(bob);

  const path = `/v1/conversations/${conversationId}`;
  const settings = { muted: true, pinned: true, hidden: false, draft: 'so…', clearedSeq: 0 };
  await bob.client.call('PATCH', path, { muted: true, pinned: true, draft: 'so…' });
  const changed = await pushed(socket, 'changed', (each) => each.conversations.length > 0);
  expect(changed.conversations[0]).toMatchObject({ conversationId, settings });
  await bob.client.call('DELETE', `${path}/messages/4`);
  await pushed(socket, 'changed', (each) => each.hidden[0]?.seqs[0] === 4);
  await bob.client.call('PATCH', '/v1/me', { settings: { theme: 'dark' } });
  const profile = { uid: bob.uid, settings: { theme: 'dark' } };
  expect((await pushed(socket, 'changed', (each) => each.profile !== undefined)).profile).toMatchObject(
    profile,
  );

  const page = await sync(bob);
  const direct = page.conversations.find((each) => each.conversationId === conversationId);
  expect(direct).toMatchObject({ settings, events: [] });
  expect(page.hidden).toEqual([{ conversationId, seqs: [4] }]);
  expect(page.profile).toMatchObject(profile);
  expect((await history(bob)).messages.map(({ seq }) => seq)).toEqual([2, 3, 7]);
  expect((await history(ann)).messages.map(({ seq }) => seq)).toEqual([2, 3, 4, 7]);
});

test('what one clears or hides is gone for oneself alone', async () => {
  const path = `/v1/conversations/${conversationId}`;
  const { seq } = await say(ann, 'to be hidden');
  await bob.client.call('DELETE', `${path}/messages/${seq}`);
  expect((await conversation(bob)).lastMessage?.content).toEqual(text('one more'));
  await bob.client.call('PATCH', path, { clearedSeq: seq });
  const cleared = await conversation(bob);
  expect(cleared).toMatchObject({ visibleFromSeq: seq + 1, unread: 0, settings: { clearedSeq: seq } });
  expect(cleared).not.toHaveProperty('lastMessage');
  expect(await history(bob)).toMatchObject({ messages: [], events: [] });
  // It never goes back.
  await bob.client.call('PATCH', path, { clearedSeq: 0 });
  expect((await conversation(bob)).settings.clearedSeq).toBe(seq);
  expect((await history(ann)).messages.at(-1)?.seq).toBe(seq);
  await say(ann, 'a new beginning');
  expect((await history(bob)).messages.map((message) => message.seq)).toEqual([seq + 1]);
});

test('every socket was pushed each seq once, in order', () => {
  for (const { socket } of [ann, bob]) {
    const byConversation = Map.groupBy(pushedEvents(socket), (event) => event.conversationId);
    for (const events of byConversation.values()) {
      const seqs = events.map(({ seq }) => seq);
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    }
  }
});
