import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CommittedRecord, CommittedRecordSchema } from '../gen/im/bus/v1/record_pb.ts';
import type { Event } from '../gen/im/chat/v1/event_pb.ts';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { startTcpProxy } from '../testing/tcp-proxy.ts';
import { openTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { untilTrue } from '../testing/until-true.ts';
import { blankRecalled } from './blank-recalled.ts';
import { offlineCacheConformance } from './offline-cache-conformance.ts';
import { createRedisOfflineCache, offlineKey } from './offline-cache-redis.ts';

const addresses = stackAddresses();
const url = addresses?.redisUrl ?? '';
const ID = 'g:1';

describe.skipIf(addresses === undefined)('on Redis', () => {
  offlineCacheConformance('Redis', async () => {
    const redis = await openTestRedis(url);
    return { cache: createRedisOfflineCache({ redis }), close: redis.close };
  });

  describe('offline cache on Redis', () => {
    let redis: TestRedis;
    const opened: { close(): Promise<void> }[] = [];

    beforeEach(async () => {
      redis = await openTestRedis(url);
      opened.push(redis);
    });
    afterEach(async () => {
      for (const each of opened.splice(0).reverse()) await each.close();
    });

    /** A second writer, on a connection of its own. */
    async function another(address = url): Promise<TestRedis> {
      const other = await openTestRedis(address, { keyPrefix: redis.keyPrefix });
      opened.push(other);
      return other;
    }

    test('whoever writes in whatever order, what is read is the log or nothing', async () => {
      const writers = [redis, await another()].map((each) => createRedisOfflineCache({ redis: each }));
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), batches, async (steps, cuts) => {
          await redis.empty();
          const log = logOf(steps);
          const writing = cuts.map(({ from, length, writer }) => {
            const records = log.slice(from % log.length, (from % log.length) + length);
            return writers[writer]!.append(records.map((record) => structuredClone(record)));
          });
          const answers = readings(log).map(async (range) => ({
            range,
            events: await writers[range.headSeq % 2]!.read(ID, range),
          }));
          await Promise.all(writing);
          for (const range of readings(log)) {
            answers.push(writers[0]!.read(ID, range).then((events) => ({ range, events })));
          }
          for (const { range, events } of await Promise.all(answers)) {
            if (events !== undefined) expect(events).toEqual(seenUpTo(log, range));
          }
        }),
        { numRuns: 60 },
      );
    });

    test('no more than the newest 200 are held, and they are enough for what they reach back to', async () => {
      const cache = createRedisOfflineCache({ redis });
      const log = logOf(Array.from({ length: 450 }, () => 'message' as const));
      await cache.append(log.slice(0, 130));
      await cache.append(log.slice(130, 445));
      await cache.append(log.slice(445));
      const range = { epoch: 'e', headSeq: 450 };
      expect(await cache.read(ID, { ...range, sinceChangeNo: 2_510 })).toHaveLength(199);
      expect(await cache.read(ID, { ...range, sinceChangeNo: 2_500 })).toBeUndefined();
      // Four things of each event at most, and three of the list.
      expect(await redis.client.hlen(offlineKey(ID))).toBe(200 * 3 + 3);
    });

    test('what was recalled is nowhere in Redis any more, in edits of it neither', async () => {
      const cache = createRedisOfflineCache({ redis });
      const log = logOf(['message', 'message', 'edit', 'recall']);
      await cache.append(log.slice(0, 3));
      const held = async () => JSON.stringify(await redis.client.hgetall(offlineKey(ID)));
      for (const text of ['text 1', 'text 2', 'text 3']) expect(await held()).toContain(text);
      await cache.append(log.slice(3));
      expect(await held()).not.toContain('text 2');
      expect(await held()).not.toContain('text 3');
      expect(await held()).toContain('text 1');
    });

    test('a conversation of which nothing is heard any more is given up', async () => {
      const cache = createRedisOfflineCache({ redis });
      await cache.append(logOf(['message']));
      const ttl = await redis.client.pttl(offlineKey(ID));
      expect(ttl).toBeGreaterThan(6 * 86_400_000);
      expect(ttl).toBeLessThanOrEqual(7 * 86_400_000);
    });

    test('emptied in the middle it begins anew', async () => {
      const cache = createRedisOfflineCache({ redis });
      const log = logOf(['message', 'message', 'message']);
      await cache.append(log.slice(0, 2));
      await redis.empty();
      await cache.append(log.slice(2));
      expect(await cache.read(ID, { epoch: 'e', headSeq: 3, sinceChangeNo: 0 })).toBeUndefined();
      expect(await cache.read(ID, { epoch: 'e', headSeq: 3, sinceChangeNo: 30 })).toEqual([]);
    });

    test('while Redis is away every call fails, and what it missed is not made up', async () => {
      const proxy = await startTcpProxy(new URL(url).host);
      opened.push(proxy);
      const far = await another(`redis://${proxy.address}`);
      const cache = createRedisOfflineCache({ redis: far });
      const log = logOf(['message', 'message', 'message']);
      await cache.append(log.slice(0, 1));
      proxy.cut();
      await untilTrue(() => far.client.status !== 'ready');
      await expect(cache.append(log.slice(1, 2))).rejects.toMatchObject({ reason: 'STORE_AWAY' });
      await expect(cache.read(ID, { epoch: 'e', headSeq: 1, sinceChangeNo: 0 })).rejects.toMatchObject({
        reason: 'STORE_AWAY',
      });
      proxy.restore();
      await untilTrue(() => far.client.status === 'ready');
      await cache.append(log.slice(2));
      expect(await cache.read(ID, { epoch: 'e', headSeq: 3, sinceChangeNo: 0 })).toBeUndefined();
    });
  });
});

type Step = 'message' | 'edit' | 'recall' | 'pin';

const step = fc.constantFrom<Step>('message', 'message', 'edit', 'recall', 'pin');
const batches = fc.array(
  fc.record({ from: fc.nat(20), length: fc.integer({ min: 1, max: 6 }), writer: fc.nat(1) }),
  { minLength: 1, maxLength: 12 },
);

/** A log with an event for each step; edits, recalls and pins are of the last message that is not recalled. */
function logOf(steps: readonly Step[]): CommittedRecord[] {
  const standing: number[] = [];
  return steps.map((wanted, index) => {
    const seq = index + 1;
    const targetSeq = standing.at(-1);
    const content = { kind: { case: 'text', value: { text: `text ${seq}` } } } as const;
    const kind = () => {
      if (wanted === 'message' || targetSeq === undefined) {
        standing.push(seq);
        return { case: 'message', value: { seq, content } } as const;
      }
      if (wanted === 'edit') return { case: 'edited', value: { targetSeq, content } } as const;
      if (wanted === 'pin') return { case: 'pinned', value: { targetSeq, pinned: true } } as const;
      standing.pop();
      return { case: 'recalled', value: { targetSeq } } as const;
    };
    const event = { conversationId: ID, seq, at: `at ${seq}`, actorUid: '1', kind: kind() };
    return create(CommittedRecordSchema, {
      conversationId: ID,
      epoch: 'e',
      changeNo: BigInt(seq * 10),
      kind: { case: 'event', value: event },
    });
  });
}

/** Everything that can be asked of a log. */
function readings(log: readonly CommittedRecord[]) {
  return log.flatMap((_, head) =>
    Array.from({ length: head + 2 }, (_, since) => ({
      epoch: 'e',
      headSeq: head + 1,
      sinceChangeNo: since * 10,
    })),
  );
}

/** What the log itself says to a reading. */
function seenUpTo(
  log: readonly CommittedRecord[],
  { headSeq, sinceChangeNo }: { headSeq: number; sinceChangeNo: number },
): Event[] {
  const events = log.slice(0, headSeq).map(({ kind }) => kind.value as Event);
  const recalls = events.flatMap(({ kind, at }) =>
    kind.case === 'recalled' ? [{ at, targetSeq: kind.value.targetSeq }] : [],
  );
  return events
    .map((event) => recalls.reduce((each, { targetSeq, at }) => blankRecalled(each, targetSeq, at), event))
    .filter(({ seq }) => seq * 10 > sinceChangeNo);
}
