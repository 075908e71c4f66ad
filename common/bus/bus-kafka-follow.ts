import { backoffMs, delay, within } from '../utils/wait.ts';
import type { BusFollower, BusSubscription, RecordTraces } from './bus.ts';
import { createKafkaCommits, type Position } from './bus-kafka-commits.ts';
import { type KafkaMember, openKafkaMember, type Share } from './bus-kafka-member.ts';
import type { KafkaBusMetrics } from './bus-kafka-metrics.ts';
import type { KafkaBusOptions } from './bus-kafka-options.ts';
import {
  type Fetched,
  type FetchedRecord,
  type KafkaReader,
  openKafkaReader,
  type TopicView,
} from './bus-kafka-reader.ts';
import { startOf } from './bus-kafka-start.ts';
import type { KafkaTopic } from './bus-kafka-topic.ts';
import { createComplaints, isTopicGone } from './kafka-errors.ts';

/** Records of one batch at most, so that one that is behind does not hold the thread for all of it. */
const MAX_BATCH_RECORDS = 1_000;
/** After something failed; milliseconds. */
const AGAIN = { firstMs: 50, mostMs: 2_000 };
/** Between two looks while no partition can be read. Milliseconds. */
const LOOK_AGAIN_MS = 500;
/** One that is away is complained of this often. Milliseconds. */
const COMPLAIN_EVERY_MS = 5_000;
/** Who subscribes while Kafka is away is not kept for longer. Milliseconds. */
const FOLLOWS_WITHIN_MS = 10_000;

/**
 * Follows the topic as a member of a group for as long as it is not closed,
 * whatever happens to Kafka meanwhile.
 *
 * Positions are kept here and not by the library, so that none moves in
 * silence: see startOf. One answer of each broker is held in memory at most.
 */
export async function followKafka(
  options: KafkaBusOptions,
  topic: KafkaTopic,
  group: string,
  follower: BusFollower,
  metrics: KafkaBusMetrics,
): Promise<BusSubscription> {
  const log = options.log.child({ group, topic: topic.name });
  const complain = createComplaints(log, COMPLAIN_EVERY_MS);
  const closing = new AbortController();
  const { signal } = closing;
  const follows = Promise.withResolvers<void>();
  const positions = new Map<number, Position>();
  /** Whose positions these are. */
  let held: { memberId: string; generation: number } | undefined;
  let topicId: string | undefined;
  let failures = 0;

  const lag = metrics.showLag(group, () =>
    [...positions.values()].reduce((sum, { next, end }) => sum + Math.max(0, Number(end - next)), 0),
  );

  function sayLost(reason: string): void {
    metrics.gap(group);
    log.warn({ reason }, 'records may have gone by unseen');
    follower.lost();
  }

  async function pause(error: unknown): Promise<void> {
    complain(error, 'cannot follow the bus; trying again');
    if (isTopicGone(error)) void topic.missed();
    await delay(backoffMs(failures++, AGAIN), signal).catch(() => {});
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      const member = openKafkaMember(options, topic.name, group);
      try {
        await topic.ensure();
        await untilAborted(member.join(), signal);
        await followAs(member);
      } catch (error) {
        if (!signal.aborted) await pause(error);
      } finally {
        await member.close();
      }
    }
  }

  /** Until it is closed; rejects when the member cannot go on. */
  async function followAs(member: KafkaMember): Promise<void> {
    while (!signal.aborted) {
      const failure = member.failure();
      if (failure) throw failure;
      const share = member.share()!;
      const over = AbortSignal.any([share.over, signal]);
      const reader = openKafkaReader(options, topic.name);
      const commits = createKafkaCommits({ positions, member, share, complain });
      try {
        const view = await untilAborted(reader.topic(), over);
        if (member.sharedOutOtherThan(view.leaders.length)) await untilAborted(member.join(), signal);
        else {
          await untilAborted(place(member, share, view, over), over);
          await commits.now();
          follows.resolve();
          await read(member, reader, commits.soon, over);
        }
      } catch (error) {
        if (!over.aborted) await pause(error);
      } finally {
        await commits.close();
        await reader.close();
      }
    }
  }

  /** Finds where to go on in the partitions of the share. */
  async function place(member: KafkaMember, share: Share, view: TopicView, over: AbortSignal): Promise<void> {
    const partitions = share.partitions.filter((partition) => partition < view.leaders.length);
    const { committed, earliest, latest } = await member.offsets(partitions);
    if (over.aborted) return;
    const recreated = topicId !== undefined && topicId !== view.id;
    // Whoever was left out of one sharing out does not know who had its partitions meanwhile.
    const stillOwn = held?.memberId === share.memberId && share.generation <= held.generation + 1;
    const before = new Map(stillOwn && !recreated ? positions : []);
    positions.clear();
    let gaps = 0;
    for (const partition of partitions) {
      const end = latest.get(partition)!;
      const { next, gap } = startOf({
        own: before.get(partition)?.next,
        committed: committed.get(partition),
        earliest: earliest.get(partition)!,
        latest: end,
        recreated,
      });
      if (gap) gaps += 1;
      positions.set(partition, { next, end, committed: committed.get(partition) });
    }
    held = { memberId: share.memberId, generation: share.generation };
    topicId = view.id;
    if (gaps > 0) sayLost(recreated ? 'the topic is another one' : `no place to go on in ${gaps} partitions`);
  }

  /** Hands over what comes, until the share is over. Rejects when Kafka or the topic is not as it was. */
  async function read(
    member: KafkaMember,
    reader: KafkaReader,
    commitSoon: () => void,
    over: AbortSignal,
  ): Promise<void> {
    const fetches = new Map<number, Promise<{ broker: number; fetched: Fetched[] }>>();
    while (!over.aborted) {
      const { id, leaders } = await untilAborted(reader.topic(), over);
      if (id !== topicId) throw new Error('the topic of the bus is another one');
      if (member.sharedOutOtherThan(leaders.length)) return;
      for (const [broker, partitions] of Map.groupBy(positions.keys(), (each) => leaders[each] ?? -1)) {
        if (broker < 0 || fetches.has(broker)) continue;
        const offsets = partitions.map((partition) => [partition, positions.get(partition)!.next] as const);
        const fetch = reader.fetch(broker, id, offsets).then((fetched) => ({ broker, fetched }));
        // Nobody waits for it any more when another one fails first.
        fetch.catch(() => {});
        fetches.set(broker, fetch);
      }
      if (fetches.size === 0) {
        await delay(LOOK_AGAIN_MS, over);
        continue;
      }
      const { broker, fetched } = await untilAborted(Promise.race(fetches.values()), over);
      fetches.delete(broker);
      failures = 0;
      await hand(fetched, commitSoon, over);
    }
  }

  async function hand(fetched: readonly Fetched[], commitSoon: () => void, over: AbortSignal): Promise<void> {
    for (const { partition, end } of fetched) positions.get(partition)!.end = end;
    const all = fetched.flatMap(({ partition, records }) => records.map((each) => ({ partition, ...each })));
    for (let i = 0; i < all.length && !over.aborted; i += MAX_BATCH_RECORDS) {
      const batch = all.slice(i, i + MAX_BATCH_RECORDS);
      try {
        await follower.take(
          batch.map(({ record }) => record),
          tracesOf(batch),
        );
      } catch (error) {
        log.error({ err: error }, 'a consumer lost records');
      }
      for (const { partition, offset } of batch) positions.get(partition)!.next = offset + 1n;
      commitSoon();
    }
    if (over.aborted) return;
    for (const { partition, next } of fetched) positions.get(partition)!.next = next;
    const damaged = fetched.reduce((sum, each) => sum + each.damaged, 0);
    if (damaged > 0) sayLost(`${damaged} records could not be read`);
  }

  const following = follow();
  await within(follows.promise, FOLLOWS_WITHIN_MS);
  return {
    async close() {
      closing.abort();
      await following;
      lag.stop();
    },
  };
}

/** The value of `work`; rejects as soon as the signal aborts, while `work` itself goes on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function tracesOf(batch: readonly FetchedRecord[]): RecordTraces | undefined {
  const traced = batch.filter(({ trace }) => trace !== undefined);
  if (traced.length === 0) return undefined;
  return new Map(traced.map(({ record, trace }) => [record, trace!]));
}
