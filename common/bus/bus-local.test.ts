import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import type { Bus, BusFollower } from './bus.ts';
import { busConformance, nameOf, recordOf } from './bus-conformance.ts';
import { createLocalBus } from './bus-local.ts';

busConformance('local', async () => ({ bus: createLocalBus(), close: async () => {} }));

const follow = (bus: Bus, group: string, take: BusFollower['take']) =>
  bus.subscribe(group, {
    take,
    lost() {
      throw new Error('nothing is lost here');
    },
  });

const manyRecords = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => recordOf(`g:1 ${from + i}`));

test('publishers wait while a consumer is far behind, each of them, and nothing is lost', async () => {
  const bus = createLocalBus();
  const gate = Promise.withResolvers<void>();
  const got: string[] = [];
  const subscription = await follow(bus, 'a', async (records) => {
    await gate.promise;
    got.push(...records.map(nameOf));
  });
  await bus.publish(manyRecords(0, 25_000));
  let taken = 0;
  const publishing = [1, 2, 3].map(async (i) => {
    await bus.publish(manyRecords(i * 25_000, 10));
    taken += 1;
  });
  await new Promise(setImmediate);
  expect(taken).toBe(0);
  gate.resolve();
  await Promise.all(publishing);
  await vi.waitFor(() => expect(got).toHaveLength(25_030), { timeout: 10_000 });
  await subscription.close();
});

test('a publisher that waits for a consumer is let go when that one closes', async () => {
  const bus = createLocalBus();
  const gate = Promise.withResolvers<void>();
  const got: string[] = [];
  const subscription = await follow(bus, 'a', async (records) => {
    await gate.promise;
    got.push(...records.map(nameOf));
  });
  await bus.publish(manyRecords(0, 25_000));
  const publishing = bus.publish(manyRecords(25_000, 1));
  const closing = subscription.close();
  await publishing;
  gate.resolve();
  await closing;
  // What was in line before is handled, what came too late is not.
  expect(got).toHaveLength(25_000);
});

test('what a handler rejects with is logged', async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const bus = createLocalBus({ log });
  const subscription = await follow(bus, 'search', async () => {
    throw new Error('no disk');
  });
  await bus.publish([recordOf('g:1 1')]);
  await subscription.close();
  expect(lines.join()).toMatch(/search.*no disk|no disk.*search/);
});
