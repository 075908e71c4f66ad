import { randomUUID } from 'node:crypto';
import type { DeliverRequest } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import { DeliveryService } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import type { ImDevice } from '@im/common/testing/client/device.ts';
import type { ServerFrame } from '@im/common/testing/client/wire.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLossyNetwork, type LossyNetwork } from './support/lossy-network.ts';
import { befriend, type Person, people } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

let network: LossyNetwork;
let product: Product;
let ann: Person;
let bob: Person;
let carol: Person;
let c: string;
/** Bob's device, and the pushes that reached it. */
let device: ImDevice;
let pushes: ServerFrame[];
beforeAll(async () => {
  network = createLossyNetwork();
  product = await startProduct({ kit: { network } });
});
afterAll(() => product.stop());
beforeEach(async () => {
  ({ ann, bob, carol } = await people(product, 'ann', 'bob', 'carol'));
  c = await befriend(ann, bob);
  await befriend(ann, carol);
  pushes = [];
  device = bob.device({ onPush: (frame) => pushes.push(frame) });
  await device.connect();
});
afterEach(() => device.close());

const carries = (text: string) => (delivery: DeliverRequest) =>
  delivery.pushes.some(
    ({ frame }) =>
      frame.case === 'event' &&
      frame.value.kind.case === 'message' &&
      frame.value.kind.value.content?.kind.value?.$typeName === 'im.chat.v1.TextContent' &&
      frame.value.kind.value.content.kind.value.text === text,
  );

const textsHeld = () =>
  device.store
    .conversation(c)
    .messages()
    .map(({ content }) => content?.text?.text);

/** Something is pushed to somebody else's socket: the gateway sees the number that follows. */
async function pushElsewhere(): Promise<void> {
  const socket = await carol.socket();
  const { seq } = await ann.say(`u:${carol.uid}`, 'elsewhere');
  await socket.waitFor((frame) => frame.events?.events.some((event) => event.seq === seq) === true);
}

test('a message whose push was lost is on the device after a resync, though nothing follows it', async () => {
  await ann.say(c, 'one');
  await device.waitFor(() => textsHeld().length === 1);
  const lost = network.loseNext(carries('two'));
  await ann.say(c, 'two');
  await lost;
  expect(textsHeld()).toEqual(['one']);
  await pushElsewhere();
  await device.waitFor(() => textsHeld().length === 2);
  expect(textsHeld()).toEqual(['one', 'two']);
  expect(pushes.filter(({ resync }) => resync)).toEqual([{ resync: {} }]);
  expect(JSON.stringify(pushes)).not.toContain('"two"');
});

test('state of mine whose push was lost is there after a resync too', async () => {
  await ann.say(c, 'hello');
  const lost = network.loseNext(({ pushes: lostOnes }) =>
    lostOnes.some(({ frame }) => frame.case === 'changed'),
  );
  await bob.client.call('PATCH', `/v1/conversations/${c}`, { draft: 'dear Ann' });
  await lost;
  await pushElsewhere();
  await device.waitFor((store) => store.conversation(c).summary?.settings.draft === 'dear Ann');
});

test('every socket is told, and all of them at most once at a time', async () => {
  const sockets = await Promise.all([ann.socket(), bob.socket(), carol.socket()]);
  for (const text of ['first', 'second']) {
    const lost = network.loseNext(carries(text));
    await ann.say(c, text);
    await lost;
  }
  await pushElsewhere();
  await Promise.all(sockets.map((socket) => socket.waitFor((frame) => frame.resync !== undefined)));
  await Promise.all(sockets.map((socket) => socket.request('sync', {})));
  for (const socket of sockets) expect(socket.pushes.filter(({ resync }) => resync)).toHaveLength(1);
});

test('without a loss nobody is told to resync', async () => {
  const texts = Array.from({ length: 100 }, (_, i) => `line ${i}`);
  await Promise.all(texts.map((text) => ann.say(c, text)));
  await device.waitFor(() => textsHeld().length === texts.length);
  expect(pushes.filter(({ resync }) => resync)).toEqual([]);
});

/** Deliveries with these numbers, of a sender of its own, as chat-service sends them. */
async function deliver(numbers: number[], senderBootId: string = randomUUID()): Promise<number[]> {
  const chat = product.server.client(DeliveryService, 'chat-service');
  async function* deliveries() {
    for (const number of numbers) yield { senderBootId, number, pushes: [] };
  }
  const taken: number[] = [];
  for await (const answer of chat.deliver(deliveries())) taken.push(answer.number);
  return taken;
}

test('numbers tell: a skipped one is a loss, a repeated one is not', async () => {
  const socket = await bob.socket();
  const sender = randomUUID();
  expect(await deliver([1, 2, 2, 1, 3], sender)).toEqual([1, 2, 2, 1, 3]);
  // The same sender goes on in another stream.
  expect(await deliver([4], sender)).toEqual([4]);
  await socket.request('ping', {});
  expect(socket.pushes.filter(({ resync }) => resync)).toEqual([]);
  await deliver([6], sender);
  await socket.waitFor(({ resync }) => resync !== undefined);
});

test('a sender that breaks off and is not heard of again counts as a loss', async () => {
  const socket = await bob.socket();
  const chat = product.server.client(DeliveryService, 'chat-service');
  const over = new AbortController();
  async function* deliveries() {
    yield { senderBootId: randomUUID(), number: 1, pushes: [] };
    await new Promise((resolve) => over.signal.addEventListener('abort', resolve));
  }
  const answers = chat.deliver(deliveries(), { signal: over.signal });
  const reading = (async () => {
    for await (const { number } of answers) if (number === 1) over.abort();
  })();
  await expect(reading).rejects.toMatchObject({ reason: 'CALL_CANCELLED' });
  await socket.waitFor(({ resync }) => resync !== undefined);
});
