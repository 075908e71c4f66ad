import type { WireFriendRequest, WireSync } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { befriend, directConversation, messageOf, type Person, people } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { TEXT, TIME, USER } from './support/shapes.ts';

// friend-service with everything around it, through the gateways only.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

let ann: Person;
let bob: Person;
beforeEach(async () => {
  ({ ann, bob } = await people(product, 'ann', 'bob'));
});

const call = (who: Person, method: string, path: string, body?: object) =>
  who.client.call(method, path, body);
const block = (who: Person, whom: Person) => call(who, 'PUT', `/v1/blocks/${whom.uid}`);
const unblock = (who: Person, whom: Person) => call(who, 'DELETE', `/v1/blocks/${whom.uid}`);
const sync = (who: Person, cursor = '') => who.client.call<WireSync>('GET', `/v1/sync?cursor=${cursor}`);
const ask = async (who: Person, whom: Person): Promise<WireFriendRequest> =>
  (await call(who, 'POST', '/v1/friend-requests', { uid: whom.uid })).request;

test('every answer has its shape', async () => {
  const { request } = await call(ann, 'POST', '/v1/friend-requests', { uid: bob.uid, message: 'hi' });
  const cancelled = await call(ann, 'DELETE', `/v1/friend-requests/${request.requestId}`);
  expect(cancelled).toEqual({ request: { ...request, state: 'CANCELLED' } });
  await befriend(ann, bob);
  const user = { ...USER, uid: bob.uid, externalId: TEXT };
  const friend = { uid: bob.uid, remark: '老鲍', since: TIME, user };
  expect(await call(ann, 'PATCH', `/v1/friends/${bob.uid}`, { remark: '老鲍' })).toEqual({ friend });
  expect(await call(ann, 'GET', '/v1/friends')).toEqual({ friends: [friend], nextPageToken: '' });
  const cleared = await call(ann, 'PATCH', `/v1/friends/${bob.uid}`, { remark: null });
  expect(cleared).toEqual({ friend: { ...friend, remark: '' } });
  expect(await block(ann, bob)).toEqual({});
  const blocks = [{ uid: bob.uid, since: TIME, user }];
  expect(await call(ann, 'GET', '/v1/blocks')).toEqual({ blocks, nextPageToken: '' });
  expect(await unblock(ann, bob)).toEqual({});
  expect(await call(ann, 'GET', '/v1/blocks')).toEqual({ blocks: [], nextPageToken: '' });
  expect(await call(ann, 'DELETE', `/v1/friends/${bob.uid}`)).toEqual({});
  await expect(call(ann, 'PATCH', `/v1/friends/${bob.uid}`, { remark: 'x' })).rejects.toMatchObject({
    code: 404,
    reason: 'FRIEND_NOT_FOUND',
  });
});

test('when a block returns the blocked one can send no more, until it ends; friendship stays', async () => {
  const c = await befriend(ann, bob);
  const socket = await bob.socket();
  const send = () => socket.request('sendMessage', messageOf(c, 'hello?'));
  await send();
  for (let i = 0; i < 3; i++) {
    await block(ann, bob);
    const refused = { code: 403, reason: 'DIRECT_NOT_ALLOWED' };
    await expect(send()).rejects.toMatchObject(refused);
    await ann.say(c, 'I may');
    await unblock(ann, bob);
    await send();
  }
  expect((await call(bob, 'GET', '/v1/friends')).friends).toMatchObject([{ uid: ann.uid }]);
});

test('a block shows nowhere: not in sync, lists, profile or presence', async () => {
  const c = await befriend(ann, bob);
  await ann.say(c, 'hi');
  const { cursor } = await sync(bob);
  const look = async () => [
    await call(bob, 'GET', `/v1/conversations/${c}`),
    await call(bob, 'GET', '/v1/conversations'),
    await call(bob, 'GET', '/v1/friends'),
    await call(bob, 'GET', '/v1/blocks'),
    await call(bob, 'GET', `/v1/users/${ann.uid}`),
    (await sync(bob)).conversations,
  ];
  const before = await look();
  await block(ann, bob);
  expect(await look()).toEqual(before);
  expect(await sync(bob, cursor)).toMatchObject({ conversations: [], hidden: [] });
});

test('the answer to a blocked friend is the answer to a stranger', async () => {
  const { carol } = await people(product, 'carol');
  await befriend(ann, bob);
  await block(ann, bob);
  const refusals = await Promise.all(
    [bob, carol].map((who) =>
      who.say(`u:${ann.uid}`, 'hello?').catch(({ code, reason, message, metadata }) => ({
        code,
        reason,
        message: message.slice(message.indexOf(': ')),
        metadata,
      })),
    ),
  );
  expect(refusals[0]).toMatchObject({ code: 403, reason: 'DIRECT_NOT_ALLOWED' });
  expect(refusals[0]).toEqual(refusals[1]);
});

test('the request of a blocked one waits for ever, and reaches nobody', async () => {
  await block(ann, bob);
  const { cursor } = await sync(ann);
  const request = await ask(bob, ann);
  expect(request).toMatchObject({ state: 'PENDING', toUid: ann.uid });
  expect((await call(ann, 'GET', '/v1/friend-requests')).requests).toEqual([]);
  expect((await sync(ann, cursor)).conversations).toEqual([]);
  const outgoing = await call(bob, 'GET', '/v1/friend-requests?direction=OUTGOING');
  expect(outgoing.requests).toEqual([request]);
  const notices = (await sync(bob)).conversations.find(({ kind }) => kind === 'NOTICE');
  expect(notices?.events.at(-1)).toMatchObject({ friendRequest: { request } });
  for (const answer of ['accept', 'reject']) {
    const path = `/v1/friend-requests/${request.requestId}/${answer}`;
    await expect(call(ann, 'POST', path)).rejects.toMatchObject({ reason: 'FRIEND_REQUEST_NOT_FOUND' });
  }
  await unblock(ann, bob);
  expect((await call(ann, 'GET', '/v1/friend-requests')).requests).toEqual([]);
});

test('a friendship that ended is told to both, and they write no more until there is another', async () => {
  const c = await befriend(ann, bob);
  const { cursor } = await sync(bob);
  await call(ann, 'DELETE', `/v1/friends/${bob.uid}`);
  for (const who of [ann, bob]) {
    await expect(who.say(c, 'hi')).rejects.toMatchObject({ reason: 'DIRECT_NOT_ALLOWED' });
    expect((await call(who, 'GET', '/v1/friends')).friends).toEqual([]);
  }
  const { conversations } = await sync(bob, cursor);
  expect(conversations.map(({ kind, events }) => [kind, events.map((event) => event.friendRemoved)])).toEqual(
    expect.arrayContaining([
      ['DIRECT', [{ uid: bob.uid }]],
      ['NOTICE', [{ uid: ann.uid }]],
    ]),
  );
  await ask(bob, ann);
  await ask(ann, bob);
  await bob.say(directConversation(ann, bob), 'friends again');
});
