import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { findProgram } from '../testing/stack/programs.ts';
import { type StackServer, startServer } from '../testing/stack/start-server.ts';
import { BUS_ANSWERS_WITHIN_MS } from './bus.ts';
import { recordOf } from './bus-conformance.ts';
import { createKafkaBus, type KafkaBus } from './bus-kafka.ts';
import { createNotes } from './fixtures/follower-process.ts';

/** Twice the promised time, because a busy machine is no fault. */
const BOUND_MS = 2 * BUS_ANSWERS_WITHIN_MS;
/** A broker needs 4 s to start, twice that beside other tests. */
const TEST_MS = 120_000;

const eventually = <T>(assertions: () => T | Promise<T>) =>
  vi.waitFor(assertions, { timeout: 40_000, interval: 20 });

// With a broker of the test's own, because it is killed and paused.
describe.skipIf(findProgram('kafka') === undefined)('a Kafka that goes away', { timeout: TEST_MS }, () => {
  let server: StackServer;
  const buses: KafkaBus[] = [];

  beforeAll(async () => {
    server = await startServer('kafka');
  }, TEST_MS);
  afterEach(async () => {
    for (const bus of buses.splice(0)) await bus.close();
  }, TEST_MS);
  afterAll(() => server.stop(), TEST_MS);

  function openBus(topic = `test.${randomUUID()}`): KafkaBus {
    const bus = createKafkaBus({
      brokers: [server.address],
      topic,
      partitions: 3,
      clientId: 'test',
      log: createLogger({ level: 'silent' }),
      metrics: createMetrics(),
    });
    buses.push(bus);
    return bus;
  }

  async function rejectsInTime(begin: () => Promise<void>): Promise<void> {
    const begunAt = performance.now();
    await expect(begin()).rejects.toThrow(/Kafka/);
    expect(performance.now() - begunAt).toBeLessThan(BOUND_MS);
  }

  test.each(['killed', 'paused'] as const)(
    'while it is %s publishing is refused in time; afterwards all goes on, and nothing is missed',
    async (how) => {
      const bus = openBus();
      const notes = createNotes();
      await bus.subscribe('a', notes);
      await bus.publish([recordOf('g:1 1')]);
      await eventually(() => expect(notes.taken).toEqual(['g:1 1']));

      if (how === 'killed') await server.kill();
      else await server.pause();
      await rejectsInTime(() => bus.publish([recordOf('g:1 2')]));
      await rejectsInTime(() => bus.reachable());
      // One that had no connection yet.
      await rejectsInTime(() => openBus().publish([recordOf('g:2 1')]));
      if (how === 'killed') await server.restart();
      else server.resume();

      await eventually(() => bus.publish([recordOf('g:1 3')]));
      await bus.publish([recordOf('g:1 4')]);
      await eventually(() => expect(notes.taken.slice(-2)).toEqual(['g:1 3', 'g:1 4']));
      expect(notes.losses).toBe(1);
      await bus.reachable();
    },
  );

  test('what was published before a crash is there after it, and a new member goes on where the group stopped', async () => {
    const topic = `test.${randomUUID()}`;
    const bus = openBus(topic);
    const subscription = await bus.subscribe('a', createNotes());
    await subscription.close();
    const names = Array.from({ length: 100 }, (_, i) => `g:${i} 1`).sort();
    await bus.publish(names.map(recordOf));
    await server.restart('SIGTERM');
    const notes = createNotes();
    await openBus(topic).subscribe('a', notes);
    await eventually(() => expect([...notes.taken].sort()).toEqual(names));
    expect(notes.losses).toBe(0);
  });

  test('who subscribes while it is away follows once it is there', async () => {
    const bus = openBus();
    await server.kill();
    const notes = createNotes();
    const subscribing = bus.subscribe('a', notes);
    await server.restart();
    await subscribing;
    await eventually(async () => {
      expect(notes.losses).toBe(1);
    });
    await eventually(() => bus.publish([recordOf('g:1 1')]));
    await eventually(() => expect(notes.taken).toEqual(['g:1 1']));
  });

  test('closing ends in time although Kafka does not answer', async () => {
    const bus = openBus();
    await bus.subscribe('a', createNotes());
    await server.pause();
    const begunAt = performance.now();
    await bus.close();
    expect(performance.now() - begunAt).toBeLessThan(2 * BOUND_MS);
    server.resume();
  });
});
