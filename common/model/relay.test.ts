import { setImmediate as nextTurn } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ImError } from '../errors/im-error.ts';
import { createLogger } from '../telemetry/log.ts';
import { eventually } from '../testing/eventually.ts';
import { makeOutboxDatabase, type OutboxDatabase } from './outbox-database.fixture.ts';
import { type OutboxRow, type Relay, startRelay } from './relay.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const log = createLogger({ level: 'silent' });

let box: OutboxDatabase;
let relay: Relay | undefined;
let metrics: Registry;
let now: number;

beforeEach(async () => {
  box = await makeOutboxDatabase();
  metrics = new Registry();
  now = 1_000_000;
});

afterEach(async () => {
  await relay?.close();
  relay = undefined;
  await box.remove();
});

function start(send: (row: OutboxRow) => Promise<void>): Relay {
  relay = startRelay({ database: box.db, now: () => now, log, metrics, send });
  return relay;
}

/** A receiver that keeps what it was given; `accept` may refuse. */
function receiver(accept: (row: OutboxRow) => unknown = () => {}) {
  const rows: OutboxRow[] = [];
  return {
    rows,
    versions: (topic: string) => rows.filter((row) => row.topic === topic).map((row) => row.version),
    async send(row: OutboxRow) {
      await nextTurn();
      await accept(row);
      rows.push(row);
    },
  };
}

const allMarked = () => eventually(async () => expect(await box.unsent()).toEqual([]));

test('rows are sent as they were appended, once woken, and marked', async () => {
  const to = receiver();
  start(to.send);
  await box.append('g:5', 'hello', 77);
  relay!.wake();
  await allMarked();
  expect(to.rows.map((row) => ({ ...row, payload: Buffer.from(row.payload).toString() }))).toEqual([
    { topic: 'g:5', version: 1, kind: 'test', payload: 'hello', createdAt: 77 },
  ]);
});

test('each topic is sent in order and once, while many are appended to at the same time', async () => {
  const to = receiver();
  start(to.send);
  const topics = Array.from({ length: 30 }, (_, i) => `g:${i}`);
  await Promise.all(
    topics.map(async (topic) => {
      for (let i = 0; i < 8; i++) {
        await box.append(topic);
        relay!.wake();
      }
    }),
  );
  await allMarked();
  for (const topic of topics) expect(to.versions(topic)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a backlog longer than a batch is sent in order', async () => {
  const expected = Array.from({ length: 250 }, (_, i) => i + 1);
  for (const version of expected) expect(await box.append('g:5')).toBe(version);
  const to = receiver();
  start(to.send);
  expect(await relay!.flush(['g:5'], 5000)).toBe(true);
  expect(to.versions('g:5')).toEqual(expected);
});

test('only so many topics are sent at once', async () => {
  let under = 0;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const to = receiver(() => {
    under++;
    return held;
  });
  for (let i = 0; i < 40; i++) await box.append(`g:${i}`);
  start(to.send);
  await eventually(() => expect(under).toBe(16));
  expect(await relay!.flush(['g:39'], 50)).toBe(false);
  expect(under).toBe(16);
  letGo();
  await allMarked();
});

test('a refused row is tried again and nothing of its topic overtakes it; other topics go on', async () => {
  let refusals = 3;
  const to = receiver(({ topic, version }) => {
    if (topic === 'g:5' && version === 2 && refusals-- > 0) throw new Error('not now');
  });
  start(to.send);
  for (let i = 0; i < 3; i++) await box.append('g:5');
  for (let i = 0; i < 3; i++) await box.append('g:6');
  expect(await relay!.flush(['g:6'], 5000)).toBe(true);
  expect(to.versions('g:5')).not.toContain(3);
  expect(await relay!.flush(['g:5'], 5000)).toBe(true);
  expect(to.versions('g:5')).toEqual([1, 2, 3]);
  expect(to.versions('g:6')).toEqual([1, 2, 3]);
});

test('a receiver that is away is asked by one topic at a time, and gets everything when it is back', async () => {
  let here = false;
  let asked = 0;
  const to = receiver(() => {
    if (here) return;
    asked++;
    throw new ImError('SERVICE_AWAY', 'chat-service is away');
  });
  for (let i = 0; i < 100; i++) await box.append(`g:${i}`);
  start(to.send);
  expect(await relay!.flush(['g:99'], 300)).toBe(false);
  // 16 at first, then one by one with growing delay.
  expect(asked).toBeLessThan(25);
  here = true;
  expect(await relay!.flush(['g:99'], 5000)).toBe(true);
  await allMarked();
  expect(to.rows.length).toBe(100);
});

test('flush waits for what was committed before it, and only for its topics', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const to = receiver(({ topic }) => (topic === 'held' ? held : undefined));
  start(to.send);
  await box.append('held');
  await box.append('free');
  expect(await relay!.flush(['free', 'unheard-of', 'free'], 5000)).toBe(true);
  expect(to.versions('free')).toEqual([1]);
  expect(await relay!.flush(['held', 'free'], 20)).toBe(false);
  const flushed = relay!.flush(['held'], 5000);
  letGo();
  expect(await flushed).toBe(true);
  expect(to.versions('held')).toEqual([1]);
  expect(await relay!.flush([], 0)).toBe(true);
});

test('flush needs no wake, however often it meets a topic that is just being sent', async () => {
  const to = receiver();
  start(to.send);
  for (let i = 1; i <= 50; i++) {
    await box.append('g:5');
    expect(await relay!.flush(['g:5'], 5000)).toBe(true);
    expect(to.versions('g:5').length).toBe(i);
  }
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      const version = await box.append('g:5');
      expect(await relay!.flush(['g:5'], 5000)).toBe(true);
      expect(to.versions('g:5')).toContain(version);
    }),
  );
  expect(to.versions('g:5')).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
});

test('the database is free while a row is being sent', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const to = receiver(() => held);
  start(to.send);
  await box.append('g:5');
  relay!.wake();
  await box.append('g:6');
  expect((await box.unsent()).length).toBe(2);
  relay!.wake();
  letGo();
  await allMarked();
});

test('a restart finds what was left, and sends again what had not been marked', async () => {
  await box.append('g:5');
  await box.append('g:5');
  await box.append('g:6');
  const before = receiver(({ topic, version }) => {
    if (topic === 'g:5' && version === 2) throw new Error('not now');
  });
  start(before.send);
  await eventually(async () => expect(await box.unsent()).toEqual([['g:5', 2]]));
  await relay!.close();
  await box.reopen();
  const after = receiver();
  start(after.send);
  await allMarked();
  expect(
    before.rows
      .concat(after.rows)
      .map((row) => `${row.topic} ${row.version}`)
      .toSorted(),
  ).toEqual(['g:5 1', 'g:5 2', 'g:6 1']);
});

test('closing ends the send under way, notes it, and answers flushes that still wait', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let begun = false;
  const to = receiver(() => {
    begun = true;
    return held;
  });
  start(to.send);
  await box.append('g:5');
  await box.append('g:5');
  const flushed = relay!.flush(['g:5'], 60_000);
  await eventually(() => expect(begun).toBe(true));
  const closed = relay!.close();
  expect(await flushed).toBe(false);
  letGo();
  await closed;
  expect(to.versions('g:5')).toEqual([1]);
  expect(await box.unsent()).toEqual([['g:5', 2]]);
  expect(await relay!.flush(['g:5'], 60_000)).toBe(false);
});

test('rows nobody woke the relay for are found soon', async () => {
  const to = receiver();
  start(to.send);
  expect(await relay!.flush([], 0)).toBe(true);
  await box.append('g:5');
  await vi.waitFor(async () => expect(await box.unsent()).toEqual([]), 10_000);
  expect(to.versions('g:5')).toEqual([1]);
});

test('a receiver that went back in time gets again what is kept', async () => {
  let last = 0;
  const to = receiver(({ version }) => {
    if (version > last + 1)
      throw new ImError('VERSION_GAP', 'a version is missing', { expected: String(last + 1) });
    last = Math.max(last, version);
  });
  start(to.send);
  for (let i = 0; i < 5; i++) await box.append('g:5');
  expect(await relay!.flush(['g:5'], 5000)).toBe(true);
  await allMarked();
  last = 2;
  await box.append('g:5');
  expect(await relay!.flush(['g:5'], 5000)).toBe(true);
  expect(to.versions('g:5')).toEqual([1, 2, 3, 4, 5, 3, 4, 5, 6]);
});

test('a mark that cannot be written is written later', async () => {
  const to = receiver();
  const real = box.db;
  let failures = 2;
  const database: typeof real = {
    ...real,
    transaction: (work) => (failures-- > 0 ? Promise.reject(new Error('disk full')) : real.transaction(work)),
  };
  relay = startRelay({ database, now: () => now, log, metrics, send: to.send });
  await box.append('g:5');
  relay.wake();
  await allMarked();
  expect(to.versions('g:5')).toEqual([1]);
});

test('sent rows are kept 30 days; unsent ones for ever', async () => {
  start(receiver(({ topic }) => (topic === 'g:6' ? Promise.reject(new Error('never')) : undefined)).send);
  await box.append('g:5');
  await box.append('g:6');
  expect(await relay!.flush(['g:5'], 5000)).toBe(true);
  await eventually(async () => expect(await box.unsent()).toEqual([['g:6', 1]]));
  const topics = async () =>
    (await box.db.read.selectFrom('outbox').select('topic').execute()).map((r) => r.topic);
  for (const [days, left] of [
    [30, ['g:5', 'g:6']],
    [31, ['g:6']],
  ] as const) {
    await relay!.close();
    now = 1_000_000 + days * DAY_MS;
    start(receiver(() => Promise.reject(new Error('never'))).send);
    await eventually(async () => expect((await topics()).toSorted()).toEqual(left));
  }
});

test('the age of the oldest unsent row is shown', async () => {
  const age = async () =>
    (await metrics.getSingleMetric('im_outbox_oldest_unsent_seconds')!.get()).values[0]?.value;
  let here = false;
  start(receiver(() => (here ? undefined : Promise.reject(new Error('not now')))).send);
  expect(await age()).toBe(0);
  await box.append('g:5', '', now - 3000);
  await box.append('g:6', '', now - 1000);
  expect(await age()).toBe(3);
  here = true;
  relay!.wake();
  await allMarked();
  expect(await age()).toBe(0);
});
