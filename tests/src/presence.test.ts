import type { ImSocket } from '@im/common/testing/client/socket.ts';
import type { WirePresence, WireSession } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { pushed } from './support/frames.ts';
import { makeGroup } from './support/group.ts';
import { befriend, type Person, people } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

/** A change is told within this, in milliseconds. */
const TOLD_WITHIN_MS = 2_000;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

// Ann and Bob are friends; nobody knows Eve.
let ann: Person;
let bob: Person;
let eve: Person;
beforeEach(async () => {
  ({ ann, bob, eve } = await people(product, 'ann', 'bob', 'eve'));
  await befriend(ann, bob);
});

async function query(who: Person, ...others: Person[]): Promise<WirePresence[]> {
  const answer = await who.client.call('POST', '/v1/presence/query', { uids: others.map(({ uid }) => uid) });
  return answer.presence;
}

function watch(socket: ImSocket, ...others: Person[]): Promise<{ presence: WirePresence[] }> {
  return socket.request('watchPresence', { uids: others.map(({ uid }) => uid) });
}

function told(socket: ImSocket, who: Person, online: boolean) {
  return pushed(
    socket,
    'presence',
    ({ presence: [first] }) => first?.uid === who.uid && first.online === online,
  );
}

test('friends see who is there, with what, and since when not; strangers are left out', async () => {
  expect(await query(ann, bob, eve)).toEqual([
    { uid: bob.uid, online: false, platforms: [], lastSeenAt: TIME },
  ]);
  const socket = await bob.socket();
  expect(await query(ann, bob)).toEqual([{ uid: bob.uid, online: true, platforms: ['WEB'] }]);
  expect(await query(eve, ann, bob, eve)).toMatchObject([{ uid: eve.uid, online: false }]);
  const goneAt = Date.now();
  await socket.close();
  await vi.waitFor(async () => {
    const [presence] = await query(ann, bob);
    expect(presence).toMatchObject({ online: false });
    // The gateway tells auth-service about each second.
    expect(Date.parse(presence!.lastSeenAt!)).toBeGreaterThanOrEqual(goneAt);
  }, 5_000);
});

test('a socket is told when those it watches come and go, within 2 s, and of nobody else', async () => {
  const socket = await ann.socket({ protocol: 'im.v1.proto' });
  expect((await watch(socket, bob, eve)).presence).toMatchObject([{ uid: bob.uid, online: false }]);
  await eve.socket();
  let changedAt = performance.now();
  const bobs = await bob.socket();
  expect(await told(socket, bob, true)).toEqual({
    presence: [{ uid: bob.uid, online: true, platforms: ['WEB'] }],
  });
  expect(performance.now() - changedAt).toBeLessThan(TOLD_WITHIN_MS);
  changedAt = performance.now();
  bobs.terminate();
  expect(await told(socket, bob, false)).toEqual({
    presence: [{ uid: bob.uid, online: false, platforms: [], lastSeenAt: TIME }],
  });
  expect(performance.now() - changedAt).toBeLessThan(TOLD_WITHIN_MS);
  const about = socket.pushes.flatMap(({ presence }) => presence?.presence ?? []).map(({ uid }) => uid);
  expect(new Set(about)).toEqual(new Set([bob.uid]));
});

test('fellows of a group see each other while both are members', async () => {
  const group = await makeGroup(product, ann, [eve]);
  await eve.socket();
  expect(await query(ann, eve)).toMatchObject([{ uid: eve.uid, online: true }]);
  expect(await query(bob, eve)).toEqual([]);
  await group.remove(ann, [eve]);
  expect(await query(ann, eve)).toEqual([]);
  expect(await query(eve, ann)).toEqual([]);
});

test('a block shows nowhere', async () => {
  const sockets = [await ann.socket(), await bob.socket()];
  const before = [await query(ann, bob), await query(bob, ann)];
  await bob.client.call('PUT', `/v1/blocks/${ann.uid}`, {});
  expect([await query(ann, bob), await query(bob, ann)]).toEqual(before);
  expect((await watch(sockets[0]!, bob)).presence).toEqual(before[0]);
});

test('the list of devices says which are online', async () => {
  const phone = await ann.another();
  const online = async () => {
    const { sessions } = await ann.client.call<{ sessions: WireSession[] }>('GET', '/v1/sessions');
    return sessions.filter((session) => session.online).map(({ sessionId }) => sessionId);
  };
  expect(await online()).toEqual([]);
  const socket = await phone.socket();
  await vi.waitFor(async () => expect(await online()).toEqual([phone.sessionId]), 5_000);
  await socket.close();
  await vi.waitFor(async () => expect(await online()).toEqual([]), 5_000);
});
