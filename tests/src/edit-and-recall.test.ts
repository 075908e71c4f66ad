import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pushedEvents } from './support/frames.ts';
import { befriend, type Person, people, person, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

const DAY_MS = 86_400_000;

let product: Product;
let ann: Person;
let bob: Person;
let c: string;
/** Milliseconds that the product's clock is ahead. */
let ahead = 0;
beforeAll(async () => {
  product = await startProduct({ now: () => Date.now() + ahead });
  ({ ann, bob } = await people(product, 'ann', 'bob'));
  c = await befriend(ann, bob);
});
afterAll(() => product.stop());

const path = (seq: number) => `/v1/conversations/${c}/messages/${seq}`;
const edit = (who: Person, seq: number, value: string, clientMsgId: string = randomUUID()) =>
  who.client.call('PATCH', path(seq), { clientMsgId, content: text(value) });
const recall = (who: Person, seq: number, clientMsgId: string = randomUUID()) =>
  who.client.call('POST', `${path(seq)}/recall`, { clientMsgId });
const head = async (): Promise<number> =>
  (await ann.client.call('GET', `/v1/conversations/${c}`)).conversation.headSeq;

test('only its sender edits or recalls a message', async () => {
  const { seq } = await ann.say(c, 'mine');
  const refused = { code: 403, reason: 'NOT_THE_SENDER' };
  await expect(edit(bob, seq, 'yours')).rejects.toMatchObject(refused);
  await expect(recall(bob, seq)).rejects.toMatchObject(refused);
});

test('text alone is edited, into text alone', async () => {
  const { message } = await ann.client.call('POST', `/v1/conversations/${c}/messages`, {
    clientMsgId: randomUUID(),
    content: { location: { latitude: 1, longitude: 2 } },
  });
  const refused = { code: 409, status: 'FAILED_PRECONDITION', reason: 'ONLY_TEXT_EDITED' };
  await expect(edit(ann, message.seq, 'here')).rejects.toMatchObject(refused);
  const { seq } = await ann.say(c, 'here');
  const place = { clientMsgId: randomUUID(), content: { location: { latitude: 1, longitude: 2 } } };
  await expect(ann.client.call('PATCH', path(seq), place)).rejects.toMatchObject(refused);
});

test('the same edit twice is one event, other text under its id is refused', async () => {
  const { seq } = await ann.say(c, 'first');
  const [one, two] = await Promise.all([edit(ann, seq, 'second', 'e1'), edit(ann, seq, 'second', 'e1')]);
  expect(two.message.content).toEqual(one.message.content);
  expect(await head()).toBe(seq + 1);
  const reused = { code: 409, reason: 'MESSAGE_ID_REUSED' };
  await expect(edit(ann, seq, 'third', 'e1')).rejects.toMatchObject(reused);
  // Messages, edits and recalls share their ids.
  await expect(ann.say(c, 'x', 'e1')).rejects.toMatchObject(reused);
  await expect(recall(ann, seq, 'e1')).rejects.toMatchObject(reused);
});

test('a second recall changes nothing, and what is recalled is edited no more', async () => {
  const { seq } = await ann.say(c, 'oops');
  const first = await recall(ann, seq);
  const second = await recall(ann, seq);
  expect(second).toEqual(first);
  expect(await head()).toBe(seq + 1);
  const refused = { code: 409, reason: 'MESSAGE_RECALLED' };
  await expect(edit(ann, seq, 'again')).rejects.toMatchObject(refused);
});

test('what is not a message, or not there, is neither edited nor recalled nor hidden', async () => {
  const missing = { code: 404, reason: 'MESSAGE_NOT_FOUND' };
  for (const seq of [1, 1_000_000]) {
    await expect(edit(ann, seq, 'x')).rejects.toMatchObject(missing);
    await expect(recall(ann, seq)).rejects.toMatchObject(missing);
    await expect(ann.client.call('DELETE', path(seq))).rejects.toMatchObject(missing);
  }
});

test('a recall takes the text of the message and of its edits from every device, also those to come', async () => {
  const { seq } = await ann.say(c, 'secret one');
  const socket = await bob.socket();
  await edit(ann, seq, 'secret two');
  await recall(ann, seq);
  const range = await bob.client.call('GET', `/v1/conversations/${c}/messages?limit=200`);
  const fresh = await (await bob.another()).client.call('GET', '/v1/sync');
  expect(JSON.stringify([range, fresh])).not.toContain('secret');
  await socket.waitFor((frame) => frame.events?.events.some(({ recalled }) => recalled) === true);
  // The message itself may still have been on its way when the socket came.
  const since = pushedEvents(socket).filter((event) => event.seq > seq);
  expect(since.map((event) => event.seq)).toEqual([seq + 1, seq + 2]);
});

test('after a day neither is possible any more, but the product may recall for ever', async () => {
  const [old, older] = [await ann.say(c, 'old'), await ann.say(c, 'older')];
  ahead += DAY_MS + 60_000;
  // The access tokens of yesterday are over.
  const today = await person(product, 'ann', ann);
  const refused = { code: 409, status: 'FAILED_PRECONDITION' };
  await expect(edit(today, old.seq, 'x')).rejects.toMatchObject({ ...refused, reason: 'EDIT_WINDOW_PASSED' });
  await expect(recall(today, old.seq)).rejects.toMatchObject({ ...refused, reason: 'RECALL_WINDOW_PASSED' });
  const recalled = await product.admin.call('POST', `/v1/admin${path(older.seq).slice(3)}/recall`, {});
  expect(recalled.message.recalledAt).toBeDefined();
});
