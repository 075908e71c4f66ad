import { randomUUID } from 'node:crypto';
import { Admin } from '@platformatic/kafka';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { stackAddresses } from '../testing/stack-addresses.ts';
import type { BusFollower } from './bus.ts';
import { busConformance, recordOf } from './bus-conformance.ts';
import { createKafkaBus, type KafkaBus } from './bus-kafka.ts';
import { createNotes, type FollowerProcess, startFollower } from './fixtures/follower-process.ts';

const addresses = stackAddresses();

/** Long: a member that is not heard of is given up after 6 s, and a busy machine is no fault. */
const eventually = <T>(assertions: () => T | Promise<T>) =>
  vi.waitFor(assertions, { timeout: 25_000, interval: 10 });

describe.skipIf(addresses === undefined)('on Kafka', () => {
  const brokers = addresses?.kafkaBrokers ?? '';
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: brokers.split(',') });
  const topics = new Set<string>();
  let topic: string;
  let buses: KafkaBus[];
  let processes: FollowerProcess[];

  function openBus(metrics = createMetrics()): KafkaBus {
    topics.add(topic);
    const bus = createKafkaBus({
      brokers: brokers.split(','),
      topic,
      partitions: 3,
      clientId: 'test',
      log: createLogger({ level: 'silent' }),
      metrics,
    });
    buses.push(bus);
    return bus;
  }

  function follower(options: { hold?: boolean } = {}): FollowerProcess {
    const process = startFollower({ brokers, topic, group: 'a', ...options });
    processes.push(process);
    return process;
  }

  beforeEach(() => {
    topic = `test.${randomUUID()}`;
    buses = [];
    processes = [];
  });
  afterEach(async () => {
    for (const process of processes) await process.kill();
    for (const bus of buses) await bus.close();
  });
  afterAll(async () => {
    if (topics.size > 0) await admin.deleteTopics({ topics: [...topics] });
    await admin.close();
  });

  busConformance('kafka', async () => {
    const bus = openBus();
    return { bus, close: bus.close };
  });

  test('a group begins with what is published from now on and is told so; later it goes on where it stopped', async () => {
    const bus = openBus();
    await bus.publish([recordOf('g:1 1')]);
    const first = createNotes();
    const subscription = await bus.subscribe('a', first);
    expect(first.losses).toBe(1);
    await bus.publish([recordOf('g:1 2')]);
    await eventually(() => expect(first.taken).toEqual(['g:1 2']));
    await subscription.close();

    await bus.publish(['g:1 3', 'g:2 1', 'g:3 1'].map(recordOf));
    const later = createNotes();
    await bus.subscribe('a', later);
    await eventually(() => expect([...later.taken].sort()).toEqual(['g:1 3', 'g:2 1', 'g:3 1']));
    expect(later.losses).toBe(0);
  });

  test('members that come and go miss nothing, and each sees a conversation in order', async () => {
    const bus = openBus();
    const conversations = Array.from({ length: 10 }, (_, i) => `g:${i}`);
    const published: string[] = [];
    const steady = createNotes();
    await bus.subscribe('a', steady);
    const notes = [steady];
    let publishing = true;
    const publisher = (async () => {
      for (let i = 1; publishing; i++) {
        const names = conversations.map((id) => `${id} ${i}`);
        await bus.publish(names.map(recordOf));
        published.push(...names);
      }
    })();
    for (let i = 0; i < 2; i++) {
      const other = createNotes();
      notes.push(other);
      const subscription = await openBus().subscribe('a', other);
      await eventually(() => expect(other.taken.length).toBeGreaterThan(20));
      await subscription.close();
    }
    publishing = false;
    await publisher;
    await eventually(() => {
      const taken = new Set(notes.flatMap((each) => each.taken));
      expect(published.filter((name) => !taken.has(name))).toEqual([]);
    });
    for (const { taken, losses } of notes) {
      for (const id of conversations) {
        const numbers = taken
          .filter((name) => name.startsWith(`${id} `))
          .map((name) => Number(name.split(' ')[1]));
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      }
      expect(losses).toBe(notes[0]!.taken === taken ? 1 : 0);
    }
  });

  test('one that is slow makes the rest wait at Kafka', async () => {
    const bus = openBus();
    const names = Array.from({ length: 3_000 }, (_, i) => `g:1 ${i}`);
    const notes = createNotes();
    const gate = Promise.withResolvers<void>();
    const sizes: number[] = [];
    const slow: BusFollower = {
      lost: notes.lost,
      async take(records) {
        sizes.push(records.length);
        await gate.promise;
        await notes.take(records);
      },
    };
    await bus.subscribe('a', slow);
    for (let i = 0; i < names.length; i += 500) await bus.publish(names.slice(i, i + 500).map(recordOf));
    await eventually(() => expect(sizes).toHaveLength(1));
    gate.resolve();
    await eventually(() => expect(notes.taken).toEqual(names));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
  });

  test('metrics say how long publishing takes, how far a group is behind and when it was told of a loss', async () => {
    const metrics = createMetrics();
    const bus = openBus(metrics);
    const gate = Promise.withResolvers<void>();
    const notes = createNotes();
    await bus.subscribe('a', { lost: notes.lost, take: () => gate.promise });
    await bus.publish(Array.from({ length: 10 }, (_, i) => recordOf(`g:1 ${i}`)));
    await eventually(async () =>
      expect(await metrics.metrics()).toContain('im_bus_consumer_lag_records{group="a"} 10'),
    );
    gate.resolve();
    await eventually(async () =>
      expect(await metrics.metrics()).toContain('im_bus_consumer_lag_records{group="a"} 0'),
    );
    const page = await metrics.metrics();
    expect(page).toContain('im_bus_publish_seconds_count 1');
    expect(page).toContain('im_bus_gaps_total{group="a"} 1');
    expect(page).toContain('im_bus_refused_publishes_total 0');
  });

  test('what a member had not finished with when it died comes to another', async () => {
    const bus = openBus();
    await bus.reachable();
    const dying = follower({ hold: true });
    await eventually(() => expect(dying.said).toContain('follows'));
    await bus.publish([recordOf('g:1 1')]);
    await eventually(() => expect(dying.said).toEqual(expect.arrayContaining(['g:1 1', 'holds'])));
    await dying.kill();
    const notes = createNotes();
    await bus.subscribe('a', notes);
    await eventually(() => expect(notes.taken).toEqual(['g:1 1']));
    expect(notes.losses).toBe(0);
  });

  test('a member that was paused is replaced, and comes back by itself', async () => {
    const bus = openBus();
    await bus.reachable();
    const paused = follower();
    await eventually(() => expect(paused.said).toContain('follows'));
    const notes = createNotes();
    await bus.subscribe('a', notes);
    const published: string[] = [];
    /** One record in each partition, and more. */
    async function publishSome(): Promise<string[]> {
      const names = Array.from({ length: 20 }, (_, i) => `g:${i} ${published.length}`);
      await bus.publish(names.map(recordOf));
      published.push(...names);
      return names;
    }
    const missing = () => {
      const taken = new Set([...notes.taken, ...paused.said]);
      return published.filter((name) => !taken.has(name));
    };
    await publishSome();
    await eventually(() => expect(missing()).toEqual([]));
    paused.signal('SIGSTOP');
    await publishSome();
    await eventually(() => expect(missing()).toEqual([]));
    paused.signal('SIGCONT');
    // Until it has a share again.
    await eventually(async () => {
      const names = await publishSome();
      await eventually(() => expect(missing()).toEqual([]));
      expect(names.some((name) => paused.said.includes(name))).toBe(true);
    });
    expect(notes.losses).toBe(0);
  });

  test('a topic that is deleted and made again is followed from its beginning, and the loss is told', async () => {
    const bus = openBus();
    const notes = createNotes();
    await bus.subscribe('a', notes);
    const names = Array.from({ length: 10 }, (_, i) => `g:${i} 1`);
    await bus.publish(names.map(recordOf));
    await eventually(() => expect([...notes.taken].sort()).toEqual(names));
    await admin.deleteTopics({ topics: [topic] });
    await expect
      .poll(
        () =>
          bus.reachable().then(
            () => 'there',
            () => 'gone',
          ),
        { timeout: 10_000 },
      )
      .toBe('gone');
    await expect(bus.publish([recordOf('g:1 2')])).rejects.toThrow(/topic/i);
    await eventually(() => admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 }));
    const later = Array.from({ length: 10 }, (_, i) => `h:${i} 1`);
    await eventually(() => bus.publish(later.map(recordOf)));
    await eventually(() => expect(notes.taken).toEqual(expect.arrayContaining(later)));
    expect(notes.losses).toBe(2);
  });

  test('partitions that are added are followed too', async () => {
    const bus = openBus();
    const notes = createNotes();
    await bus.subscribe('a', notes);
    await admin.createPartitions({ topics: [{ name: topic, count: 6, assignments: null }] });
    // Nobody has been in the new ones, which is told.
    await eventually(() => expect(notes.losses).toBe(2));
    const names = Array.from({ length: 50 }, (_, i) => `g:${i} 1`);
    await bus.publish(names.map(recordOf));
    await eventually(() => expect(notes.taken).toEqual(expect.arrayContaining(names)));
  });

  test('records that Kafka threw away before they were taken are told as lost', async () => {
    const bus = openBus();
    const subscription = await bus.subscribe('a', createNotes());
    await subscription.close();
    const names = Array.from({ length: 30 }, (_, i) => `g:${i} 1`);
    await bus.publish(names.map(recordOf));
    const all = [0, 1, 2].map((partition) => ({ partition, offset: -1n }));
    await admin.deleteRecords({ topics: [{ name: topic, partitions: all }] });
    const notes = createNotes();
    await bus.subscribe('a', notes);
    await bus.publish([recordOf('g:1 2')]);
    await eventually(() => expect(notes.taken).toEqual(['g:1 2']));
    expect(notes.losses).toBe(1);
  });
});
