import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, expect, test, vi } from 'vitest';
import { connectionsOf, messagePush, openDelivery } from '../testing/deliver.ts';
import type { TestSocket } from '../testing/socket-client.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

/** Less than a slow reader has to read what it is told. Milliseconds. */
const STOPPED_WITHIN_MS = 8_000;

let gateway: TestGateway;

afterEach(() => gateway.stop());

test('a silent socket is closed with 4010; any frame, a pong too, is a sign of life', async () => {
  gateway = await startGateway({ heartbeatSeconds: 1 });
  const silent = await gateway.join('1', { autoPong: false });
  const ponging = await gateway.join('2');
  const talking = await gateway.join('3', { autoPong: false });
  let pings = 0;
  ponging.ws.on('ping', () => {
    pings += 1;
  });
  talking.ws.on('ping', () => talking.send({ ping: {} }));
  expect((await silent.closed).code).toBe(4010);
  await vi.waitFor(() => expect(pings).toBeGreaterThanOrEqual(4), { timeout: 10_000 });
  for (const socket of [ponging, talking]) expect(await socket.ask({ ping: {} })).toMatchObject({ pong: {} });
});

/** A socket that reads nothing until the gateway gives it up, beside one that reads. */
async function slowSocket(): Promise<TestSocket> {
  const slow = await gateway.join('1');
  const quick = await gateway.join('2');
  slow.ws.pause();
  const [slowId] = await connectionsOf(gateway, '1');
  const [quickId] = await connectionsOf(gateway, '2');
  const delivery = openDelivery(gateway);
  const text = 'x'.repeat(8_000);
  let number = 0;
  // Until the network's own buffers are full too.
  await vi.waitFor(
    async () => {
      number += 1;
      const pushes = Array.from({ length: 50 }, () => messagePush([slowId!], number, text));
      await delivery.deliver(number, ...pushes, messagePush([quickId!], number));
      await quick.waitFor((frame) => frame.events?.events[0].seq === number);
      expect(await connectionsOf(gateway, '1')).toEqual([]);
    },
    { timeout: 20_000, interval: 1 },
  );
  return slow;
}

test('a socket that does not read is closed with 4008 and keeps nobody waiting', async () => {
  gateway = await startGateway({ sendBufferBytes: 100_000 });
  const slow = await slowSocket();
  slow.ws.resume();
  // A reader that comes back learns why.
  expect((await slow.closed).code).toBe(4008);
  await eventually(async () => expect(await closesBy('4008')).toBe(1));
});

test('stopping does not wait for one that still does not read', async () => {
  gateway = await startGateway({ sendBufferBytes: 100_000 });
  await slowSocket();
  const stoppedAt = performance.now();
  await gateway.process.stop();
  expect(performance.now() - stoppedAt).toBeLessThan(STOPPED_WITHIN_MS);
});

test('a socket that is owed much is not read until it has been answered', async () => {
  gateway = await startGateway({ framesPerSecond: 100_000, frameBurst: 100_000, answerTimeoutMs: 20_000 });
  let asked = 0;
  const held = Promise.withResolvers<{ readSeq: number; unread: number }>();
  gateway.chat.onMarkRead = () => {
    asked += 1;
    return held.promise;
  };
  const socket = await gateway.join('1');
  const ids: string[] = [];
  for (let count = 0; count < 5_000; count++) {
    ids.push(socket.send({ markRead: { conversationId: 's:1:2', seq: count } }));
  }
  await eventually(() => expect(asked).toBe(16));
  held.resolve({ readSeq: 0, unread: 0 });
  await socket.answerTo(ids.at(-1)!);
  expect(socket.frames).toHaveLength(5_001);
});

async function closesBy(code: string): Promise<number> {
  const { values } = await gateway.metrics('im_ws_closes_total');
  return values.find(({ labels }) => labels.code === code)?.value ?? 0;
}
