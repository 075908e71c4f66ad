import type { WireSync } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { befriend, type Person, people, person } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

const CONVERSATIONS = 50;
const MESSAGES = 20;
/** Friends who begin at the same time. */
const AT_A_TIME = 10;
/** Events of a page; the notices of 50 friendships fit. */
const LIMIT = 170;

let product: Product;
let ann: Person;
/** What each friend said to Ann, by conversation. */
const said = new Map<string, string[]>();
beforeAll(async () => {
  product = await startProduct();
  ({ ann } = await people(product, 'ann'));
  const names = Array.from({ length: CONVERSATIONS }, (_, i) => `friend ${i}`);
  for (let i = 0; i < names.length; i += AT_A_TIME) {
    await Promise.all(names.slice(i, i + AT_A_TIME).map(tellAnn));
  }
  // On a busy server the notices of friendships come a little later.
  await vi.waitFor(noticesAreThere, { timeout: 10_000 });
});
afterAll(() => product.stop());

async function tellAnn(name: string): Promise<void> {
  const friend = await person(product, name);
  const conversationId = await befriend(friend, ann);
  const texts = Array.from({ length: MESSAGES }, (_, i) => `${name} says ${i}`);
  said.set(conversationId, texts);
  const device = friend.device();
  try {
    await device.connect();
    // All at once: what a socket sends one after another keeps that order.
    await Promise.all(texts.map((text) => device.send(conversationId, text)));
  } finally {
    await device.close();
  }
}

async function noticesAreThere(): Promise<void> {
  const page = await ann.client.call<WireSync>('GET', '/v1/sync');
  const notices = page.conversations.find(({ kind }) => kind === 'NOTICE');
  const added = notices?.events.filter(({ friendAdded }) => friendAdded) ?? [];
  expect(added).toHaveLength(CONVERSATIONS);
}

const textsOf = (page: WireSync) =>
  new Map(
    page.conversations
      .filter(({ kind }) => kind === 'DIRECT')
      .map(({ conversationId, events }) => [
        conversationId,
        events.flatMap(({ message }) => message?.content?.text?.text ?? []),
      ]),
  );

test('a new device has 1,000 missed messages in 50 conversations after one sync', async () => {
  const socket = await (await ann.another()).socket();
  const page = await socket.request('sync', {});
  expect(page.more).toBe(false);
  expect(page.conversations).toHaveLength(CONVERSATIONS + 1);
  for (const conversation of page.conversations) expect(conversation.complete).toBe(true);
  for (const { kind, headSeq, unread } of page.conversations) {
    if (kind === 'DIRECT') expect({ headSeq, unread }).toEqual({ headSeq: MESSAGES + 1, unread: MESSAGES });
  }
  const texts = textsOf(page);
  expect([...texts.values()].flat()).toHaveLength(CONVERSATIONS * MESSAGES);
  expect(texts).toEqual(said);
  expect(page.conversations.map((each) => each.updatedAt)).toEqual(
    page.conversations
      .map((each) => each.updatedAt)
      .sort()
      .reverse(),
  );
  // Nothing is left for a second one.
  expect(await socket.request('sync', { cursor: page.cursor })).toMatchObject({
    conversations: [],
    more: false,
  });
});

test('page by page it has the same, each event once', async () => {
  const seen = new Map<string, number[]>();
  let cursor: string | undefined;
  let pages = 0;
  for (let more = true; more; pages++) {
    const query = `limit=${LIMIT}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = await ann.client.call<WireSync>('GET', `/v1/sync?${query}`);
    expect(page.conversations.flatMap(({ events }) => events).length).toBeLessThanOrEqual(LIMIT);
    for (const { conversationId, events, complete } of page.conversations) {
      expect(complete).toBe(true);
      const held = seen.get(conversationId) ?? [];
      seen.set(conversationId, [...held, ...events.map(({ seq }) => seq)]);
    }
    ({ cursor, more } = page);
  }
  expect(pages).toBeGreaterThan(5);
  for (const id of said.keys()) {
    expect(seen.get(id)).toEqual(Array.from({ length: MESSAGES + 1 }, (_, i) => i + 1));
  }
});

test('a conversation beyond the limit alone gives its newest events and says so', async () => {
  const limit = 5;
  const page = await ann.client.call<WireSync>('GET', `/v1/sync?limit=${limit}`);
  expect(page.more).toBe(true);
  expect(page.conversations).toHaveLength(1);
  const { conversationId, events, complete, headSeq } = page.conversations[0]!;
  expect(complete).toBe(false);
  expect(events.map(({ seq }) => seq)).toEqual(
    Array.from({ length: limit }, (_, i) => headSeq - limit + 1 + i),
  );
  // What lies below is asked for once.
  const below = await ann.client.call(
    'GET',
    `/v1/conversations/${conversationId}/messages?fromSeq=1&toSeq=${events[0]!.seq - 1}`,
  );
  expect(below).toMatchObject({ fromSeq: 1, toSeq: events[0]!.seq - 1 });
});

test('a device that keeps a copy converges, whatever is said while it syncs', async () => {
  const device = (await ann.another()).device();
  const conversationIds = [...said.keys()];
  const meanwhile = Promise.all(
    conversationIds.map((conversationId, i) => ann.say(conversationId, `meanwhile ${i}`)),
  );
  try {
    await Promise.all([device.connect(), meanwhile]);
    for (const [i, conversationId] of conversationIds.entries()) {
      await device.waitFor((store) => store.conversation(conversationId).knownTo === MESSAGES + 2);
      const texts = device.store.conversation(conversationId).messages();
      expect(texts.map(({ content }) => content?.text?.text)).toEqual([
        ...said.get(conversationId)!,
        `meanwhile ${i}`,
      ]);
    }
  } finally {
    await device.close();
  }
});
