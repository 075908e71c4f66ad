import type { Bus } from '@im/common/bus/bus.ts';
import { createLocalBus } from '@im/common/bus/bus-local.ts';
import type { CommittedRecord } from '@im/common/gen/im/bus/v1/record_pb.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { startGatewayStandIn } from '../testing/gateway-stand-in.ts';
import { openSendStream, textItem } from '../testing/send-stream-client.ts';
import { openSharedDatabase, type SharedDatabase } from '../testing/shared-database.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { createPublisher } from './publisher.ts';

/** After this long what somebody else left is published. Milliseconds, with a little more. */
const LEFT_BEHIND_MS = 5_001;
/** A bus that refuses for this long is asked by the sweep only. Milliseconds, with a little more. */
const AWAY_MS = 2_001;
/** How often the publisher looks for what was left; here a second passes when a test says so. */
const SWEEP_MS = 1_000;
const SWEEPS = { timeout: 10_000, interval: 20 };

const clock = createTestClock();
let shared: SharedDatabase;
let chats: Chat[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  shared = await openSharedDatabase();
  chats = [];
});
afterEach(async () => {
  for (const chat of chats) await chat.stop();
  await shared.remove();
  vi.useRealTimers();
});

/** A bus that can be made to refuse, and what it took. */
interface TestBus extends Bus {
  refuses: (records: readonly CommittedRecord[]) => boolean;
  readonly taken: CommittedRecord[];
}

function createTestBus(): TestBus {
  const local = createLocalBus();
  const bus: TestBus = {
    ...local,
    refuses: () => false,
    taken: [],
    async publish(records) {
      if (bus.refuses(records)) throw new Error('the bus is away');
      bus.taken.push(...records);
      await local.publish(records);
    },
  };
  return bus;
}

async function start(bus: Bus): Promise<Chat> {
  // One partition, so that one number says how far the bus is.
  const chat = await startChat({ database: shared.database, bus, clock, settings: { partitions: 1 } });
  chats.push(chat);
  return chat;
}

async function stop(chat: Chat): Promise<void> {
  chats = chats.filter((other) => other !== chat);
  await chat.stop();
}

/** The last change, and up to which the bus is known to have everything. */
async function position(): Promise<{ change: number; published: number }> {
  const row = await shared.database.read.selectFrom('log_partition').selectAll().executeTakeFirstOrThrow();
  return { change: row.change_no, published: row.published_no };
}

/** How many changes are missing after another sweep. */
async function unpublished(): Promise<number> {
  vi.advanceTimersByTime(SWEEP_MS);
  const { change, published } = await position();
  return change - published;
}

function eventsOf(records: readonly CommittedRecord[]): string[] {
  return records.flatMap(({ conversationId, kind }) =>
    kind.case === 'event' ? [`${conversationId} ${kind.value.seq}`] : [],
  );
}

test('how far the bus has come is written by the next batch, by a sweep, and at the end', async () => {
  const bus = createTestBus();
  const chat = await start(bus);
  await chat.openAccount('1', '2');
  const direct = await chat.befriend('1', '2');
  // Nobody writes any more: the sweep does it.
  await expect.poll(unpublished, SWEEPS).toBe(0);
  await chat.user('1').send(direct, 'a');
  await expect.poll(() => eventsOf(bus.taken)).toHaveLength(2);
  await chat.user('1').send(direct, 'b');
  expect(await unpublished()).toBeLessThanOrEqual(1);
  await stop(chat);
  expect(await unpublished()).toBe(0);
});

test('a clock that is set back keeps nothing back', async () => {
  const away = createTestBus();
  away.refuses = () => true;
  const before = await start(away);
  await before.openAccount('1', '2');
  await before.befriend('1', '2');
  await stop(before);
  await start(createTestBus());
  await expect
    .poll(() => {
      clock.advance(-LEFT_BEHIND_MS);
      return unpublished();
    }, SWEEPS)
    .toBe(0);
});

test('what a crash left unpublished is published from the store by the next run, in order', async () => {
  const away = createTestBus();
  away.refuses = () => true;
  const before = await start(away);
  await before.openAccount('1', '2');
  const direct = await before.befriend('1', '2');
  const user = before.user('1');
  for (let i = 2; i <= 5; i += 1) await user.send(direct, `text ${i}`);
  await user.edit(direct, 2, 'edited');
  await user.send(direct, 'SECRET');
  await user.recall(direct, 7);
  await before.user('2').markRead(direct, 4);
  await before.user('2').hide(direct, 3);
  await stop(before);
  const { change } = await position();
  // What needs no bus, the accounts, is all that counts as published.
  expect(await unpublished()).toBeGreaterThan(8);

  const bus = createTestBus();
  const after = await start(bus);
  await expect.poll(() => after.user('1').conversations()).toHaveLength(1);
  expect(bus.taken).toEqual([]);
  await expect
    .poll(() => {
      clock.advance(LEFT_BEHIND_MS);
      return unpublished();
    }, SWEEPS)
    .toBe(0);
  expect(await position()).toEqual({ change, published: change });

  expect(eventsOf(bus.taken)).toEqual(Array.from({ length: 8 }, (_, i) => `${direct} ${i + 1}`));
  const numbers = bus.taken.map((record) => Number(record.changeNo));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  for (const { recipientUids, kind } of bus.taken) {
    if (kind.case !== 'event') continue;
    expect([...recipientUids].sort()).toEqual(['1', '2']);
    // As it was sent: what changed it comes behind.
    if (kind.value.kind.case === 'message') expect(kind.value.kind.value.asOfSeq).toBe(kind.value.seq);
  }
  const rest = bus.taken.filter(({ kind }) => kind.case !== 'event');
  expect(rest.map(({ kind, recipientUids }) => [kind.case, recipientUids])).toEqual(
    expect.arrayContaining([
      ['ownState', ['2']],
      ['hidden', ['2']],
    ]),
  );
  const bytes = JSON.stringify(bus.taken, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  expect(bytes).not.toContain('SECRET');

  // Once is enough.
  const { length } = bus.taken;
  clock.advance(LEFT_BEHIND_MS);
  await after.user('1').send(direct, 'new');
  await expect.poll(unpublished, SWEEPS).toBe(0);
  expect(bus.taken.length).toBe(length + 1);
});

test('a hole stops the count until it is filled; what lies behind it is not published again', async () => {
  const bus = createTestBus();
  const chat = await start(bus);
  await chat.openAccount('1', '2');
  const direct = await chat.befriend('1', '2');
  await expect.poll(unpublished, SWEEPS).toBe(0);
  const { change } = await position();

  let refusals = 0;
  bus.refuses = (records) => {
    const lost = eventsOf(records).includes(`${direct} 2`) && refusals === 0;
    if (lost) refusals += 1;
    return lost;
  };
  await chat.user('1').send(direct, 'lost on the way');
  await expect.poll(() => refusals).toBe(1);
  for (let i = 3; i <= 6; i += 1) await chat.user('1').send(direct, `text ${i}`);
  await expect.poll(() => eventsOf(bus.taken)).toHaveLength(5);
  expect(await position()).toEqual({ change: change + 5, published: change });

  await expect
    .poll(() => {
      clock.advance(LEFT_BEHIND_MS);
      return unpublished();
    }, SWEEPS)
    .toBe(0);
  const seqs = [1, 3, 4, 5, 6, 2];
  expect(eventsOf(bus.taken)).toEqual(seqs.map((seq) => `${direct} ${seq}`));
});

test('while the bus is away sends are answered all the same, and it gets everything later', async () => {
  const bus = createTestBus();
  const chat = await start(bus);
  await chat.openAccount('1', '2');
  const direct = await chat.befriend('1', '2');
  bus.refuses = () => true;
  const sends = Array.from({ length: 30 }, (_, i) => chat.user('1').send(direct, `text ${i}`));
  await Promise.all(sends);
  bus.refuses = () => false;
  await expect
    .poll(() => {
      clock.advance(LEFT_BEHIND_MS);
      vi.advanceTimersByTime(SWEEP_MS);
      return new Set(eventsOf(bus.taken)).size;
    }, SWEEPS)
    .toBe(31);
});

test('while the bus is away devices get what is committed all the same, and only the sweep asks the bus', async () => {
  const bus = createTestBus();
  const chat = await start(bus);
  await chat.openAccount('1', '2');
  const direct = await chat.befriend('1', '2');
  const gateway = startGatewayStandIn(chat.process);
  const device = await gateway.connect('2');
  const shown = () => device.events().map(({ seq }) => seq);
  let asked = 0;
  bus.refuses = () => {
    asked += 1;
    return true;
  };
  await chat.user('1').send(direct, 'refused');
  await expect.poll(shown).toEqual([2]);
  expect(asked).toBe(1);
  clock.advance(AWAY_MS);
  await chat.user('1').send(direct, 'not even asked');
  await expect.poll(shown).toEqual([2, 3]);
  expect(asked).toBe(1);
  vi.advanceTimersByTime(SWEEP_MS);
  await expect.poll(() => asked).toBe(2);

  bus.refuses = () => false;
  const before = bus.taken.length;
  vi.advanceTimersByTime(SWEEP_MS);
  await expect.poll(() => bus.taken.length).toBeGreaterThan(before);
  await chat.user('1').send(direct, 'over the bus again');
  await expect.poll(() => eventsOf(bus.taken)).toContain(`${direct} 4`);
  // What the bus missed comes by it later, again for devices.
  await expect
    .poll(() => {
      clock.advance(LEFT_BEHIND_MS);
      return unpublished();
    }, SWEEPS)
    .toBe(0);
  expect(eventsOf(bus.taken)).toEqual(expect.arrayContaining([2, 3, 4].map((seq) => `${direct} ${seq}`)));
  await gateway.stop();
});

test('what others left is published by the instance that the partition prefers, and by no other', async () => {
  const away = createTestBus();
  away.refuses = () => true;
  const chat = await start(away);
  await chat.openAccount('1', '2');
  await chat.befriend('1', '2');
  await stop(chat);
  const bus = createTestBus();
  let preferred = false;
  const publisher = createPublisher({
    database: shared.database,
    bus,
    pushDirectly: async () => {},
    showLoss: () => {},
    isPreferred: () => preferred,
    now: clock.now,
    log: chat.process.kit.log,
  });
  await publisher.sweep();
  clock.advance(LEFT_BEHIND_MS);
  await publisher.sweep();
  expect(bus.taken).toEqual([]);
  expect(publisher.unpublishedChanges()).toBeGreaterThan(0);
  preferred = true;
  await publisher.sweep();
  await publisher.sweep();
  expect(publisher.unpublishedChanges()).toBe(0);
  await publisher.close();
  expect(bus.taken.length).toBeGreaterThan(0);
  expect(await unpublished()).toBe(0);
});

test('a tail longer than a round is published in rounds, one after another', async () => {
  const away = createTestBus();
  away.refuses = () => true;
  const before = await start(away);
  await before.openAccount('1', '2');
  const direct = await before.befriend('1', '2');
  const stream = openSendStream(before.client('ws-gateway'));
  const timeoutMs = 30_000;
  const items = Array.from({ length: 1_100 }, (_, i) => textItem('1', direct, `text ${i}`, { timeoutMs }));
  await Promise.all(stream.send(items));
  await stream.end();
  await stop(before);

  const bus = createTestBus();
  let rounds = 0;
  const positions = new Set<number>();
  bus.refuses = () => {
    rounds += 1;
    return false;
  };
  await start(bus);
  await expect
    .poll(async () => {
      // Until the first round; what is left after it has waited as long.
      if (rounds === 0) clock.advance(LEFT_BEHIND_MS);
      positions.add((await position()).published);
      return unpublished();
    }, SWEEPS)
    .toBe(0);
  expect(rounds).toBe(3);
  const steps = [...positions].map((published, i, all) => published - (all[i - 1] ?? published));
  expect(Math.max(...steps)).toBe(500);
  expect(eventsOf(bus.taken)).toEqual(Array.from({ length: 1_101 }, (_, i) => `${direct} ${i + 1}`));
});
