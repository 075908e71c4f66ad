import type { OfflineCache } from '@im/common/offline/offline-cache.ts';
import { createMemoryOfflineCache } from '@im/common/offline/offline-cache-memory.ts';
import { checkWithin } from '@im/common/testing/check-within.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { createLogWorld, type LogOperation, type LogWorld, logOperation } from '../testing/log-operations.ts';
import { noOfflineCache } from '../testing/no-offline-cache.ts';
import { openSharedDatabase, type SharedDatabase } from '../testing/shared-database.ts';

/**
 * Two instances on one store, one with the offline cache and one without: what
 * they answer to the same sync is the same, whatever happened, also where the
 * cache missed an event or was told one twice.
 */

const RUNS = 30;
/** Fewer runs on a slow machine, and a counterexample rather than a timeout. */
const TIME_LIMIT_MS = 15_000;

interface SyncOperation {
  readonly kind: 'sync';
  readonly person: number;
  /** Of the cursors that the person got so far, none of them at times. */
  readonly cursor: number;
  readonly limit: number | undefined;
}

/** What goes wrong with the next records on their way to the cache. */
interface CacheOperation {
  readonly kind: 'trouble';
  readonly trouble: 'lose' | 'repeat';
}

const sync: fc.Arbitrary<SyncOperation> = fc.record({
  kind: fc.constant('sync' as const),
  person: fc.nat(3),
  cursor: fc.nat(9),
  limit: fc.constantFrom(undefined, undefined, 1, 3, 8),
});
const trouble: fc.Arbitrary<CacheOperation> = fc.record({
  kind: fc.constant('trouble' as const),
  trouble: fc.constantFrom('lose' as const, 'repeat' as const),
});
const operations = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: logOperation as fc.Arbitrary<LogOperation | SyncOperation | CacheOperation> },
    { weight: 10, arbitrary: sync },
    { weight: 1, arbitrary: trouble },
  ),
  { minLength: 10, maxLength: 70, size: 'max' },
);

let shared: SharedDatabase;
let cached: Chat;
let plain: Chat;
let cache: WatchedCache;
let runs = 0;

beforeAll(async () => {
  shared = await openSharedDatabase();
  cache = watchedCache();
  cached = await startChat({ database: { ...shared.database, close: async () => {} }, offlineCache: cache });
  plain = await startChat({
    database: { ...shared.database, close: async () => {} },
    offlineCache: noOfflineCache,
    clock: cached.clock,
  });
});
afterAll(async () => {
  await cached.stop();
  await plain.stop();
  await shared.remove();
});

test('sync answers from the offline cache what it answers from the store', { timeout: 120_000 }, async () => {
  await checkWithin(
    fc.asyncProperty(operations, async (steps) => {
      runs += 1;
      const world = createLogWorld(cached, runs);
      const cursors = world.uids.map((): (string | undefined)[] => [undefined]);
      await world.begin();
      for (const step of steps) {
        if (step.kind === 'trouble') {
          cache.trouble = step.trouble;
        } else if (step.kind === 'sync') {
          // Only once the cache has caught up is it of any use.
          await eventually(() => expectCaughtUp(world), 1);
          const own = cursors[step.person]!;
          const request = { cursor: own.at(-1 - (step.cursor % own.length)), limit: step.limit };
          const answer = await cached.user(world.uids[step.person]!).sync(request);
          expect(answer).toEqual(await plain.user(world.uids[step.person]!).sync(request));
          own.push(answer.cursor);
        } else {
          await world.perform(step);
        }
      }
    }),
    { runs: RUNS, timeMs: TIME_LIMIT_MS },
  );
  expect(cache.hits).toBeGreaterThan(0);
});

function expectCaughtUp({ model }: LogWorld): void {
  for (const { conversationId, events } of model.conversations()) {
    expect(cache.events.get(conversationId) ?? 0).toBe(events.length);
  }
}

interface WatchedCache extends OfflineCache {
  /** Events that it was given, or would have been, by conversation. */
  readonly events: Map<string, number>;
  /** Reads that it could answer. */
  hits: number;
  trouble: 'lose' | 'repeat' | undefined;
}

function watchedCache(): WatchedCache {
  const inner = createMemoryOfflineCache();
  const watched: WatchedCache = {
    events: new Map(),
    hits: 0,
    trouble: undefined,
    async append(records) {
      const { trouble } = watched;
      watched.trouble = undefined;
      if (trouble !== 'lose') await inner.append(records);
      if (trouble === 'repeat') await inner.append(records);
      for (const { conversationId, kind } of records) {
        if (kind.case !== 'event') continue;
        watched.events.set(conversationId, (watched.events.get(conversationId) ?? 0) + 1);
      }
    },
    async read(...range) {
      const found = await inner.read(...range);
      if (found) watched.hits += 1;
      return found;
    },
  };
  return watched;
}
