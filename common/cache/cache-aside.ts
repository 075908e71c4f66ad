import type { Registry } from 'prom-client';
import type { Logger } from '../telemetry/log.ts';
import { createCacheMetrics } from './cache-metrics.ts';
import type { CacheEntry, KeyValueCache } from './key-value-cache.ts';
import { createLocalStandIn } from './local-stand-in.ts';
import { createPendingForgets } from './pending-forgets.ts';
import { createSingleLoads } from './single-loads.ts';

/** How long it is remembered that the source has nothing under a key, in milliseconds. */
const NOTHING_MS = 60_000;
/** Times to live differ by so much, so that what was loaded together does not go together. */
const SPREAD = 0.05;
/** How long a changed key takes no value, in milliseconds: … */
const CHANGED_MS = 10_000;
/** … longer than a load that began before the change may take to bring its value. */
const LOAD_KEPT_MS = 5_000;

/** What is held under a key: a value behind VALUE, that there is nothing, or that it has just been changed. */
const VALUE = '=';
const NOTHING = '-';
const CHANGED = '!';

export interface CacheAsideOptions<T> {
  cache: KeyValueCache;
  /** In front of its keys, and in metrics; another one when `encode` writes something else. */
  name: string;
  /** How long a value is answered at most after it was loaded, give or take 5 %; in milliseconds. */
  freshMs: number;
  encode: (value: T) => string;
  decode: (text: string) => T;
  /** What the source has under these keys, at most `loadAtOnce`; keys that it does not know are left out. */
  load: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>;
  loadAtOnce?: number;
  log: Logger;
  metrics: Registry;
  /** Monotonic, in milliseconds. */
  clock?: () => number;
}

/**
 * Values of a source, the database or another service, kept in a cache beside it.
 *
 * - Each key is loaded once at a time in a process; who asks meanwhile waits for the same load.
 * - While the cache is away the source is asked, for each key once in a while: what it says is kept in the
 *   process for 2 s.
 * - `forget` after the COMMIT of a change makes whoever asks afterwards, anywhere, get what is true then:
 *   also a load that began before the change and ends after it is not kept. Where the cache cannot be told,
 *   it is told later, and this process answers from the source until then; others may answer for `freshMs`
 *   what was true before. So nothing here decides what somebody may do.
 */
export interface CacheAside<T> {
  get(key: string): Promise<T | undefined>;
  /** Those that there are; the others have no key in the answer. Rejects with what `load` rejects with. */
  getMany(keys: readonly string[]): Promise<ReadonlyMap<string, T>>;
  /** Never rejects. */
  forget(keys: readonly string[]): Promise<void>;
  close(): void;
}

export function createCacheAside<T>(options: CacheAsideOptions<T>): CacheAside<T> {
  const { cache, name, freshMs, log, clock = () => performance.now() } = options;
  const metrics = createCacheMetrics(options.metrics, name);
  const standIn = createLocalStandIn<T>(clock);
  const loads = createSingleLoads(options.load, options.loadAtOnce);
  const keyIn = (key: string) => `${name}:${key}`;
  const markChanged = (keys: readonly string[]) =>
    cache.put(keys.map((key) => ({ key: keyIn(key), value: CHANGED, ttlMs: CHANGED_MS })));
  const pending = createPendingForgets({
    forget: markChanged,
    worthMs: freshMs * (1 + SPREAD),
    clock,
    onGivenUp: (count) => log.warn({ cache: name, count }, 'a cache could not be told of changes'),
  });

  async function held(keys: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> {
    try {
      return await cache.getMany(keys.map(keyIn));
    } catch (error) {
      log.debug({ err: error, cache: name }, 'a cache does not answer');
      return undefined;
    }
  }

  async function keep(keys: readonly string[], loaded: ReadonlyMap<string, T>): Promise<void> {
    const entryOf = (key: string): CacheEntry => {
      const value = loaded.get(key);
      const ttlMs = (value === undefined ? Math.min(NOTHING_MS, freshMs) : freshMs) * spread();
      return { key: keyIn(key), value: value === undefined ? NOTHING : VALUE + options.encode(value), ttlMs };
    };
    try {
      await cache.add(keys.map(entryOf));
    } catch (error) {
      log.debug({ err: error, cache: name }, 'a cache does not take what was loaded');
    }
  }

  /** What the cache holds goes to `found`; gives the keys that it says nothing of. */
  function take(
    keys: readonly string[],
    texts: ReadonlyMap<string, string>,
    found: Map<string, T>,
  ): string[] {
    return keys.filter((key) => {
      const text = texts.get(keyIn(key));
      if (text === undefined || text === CHANGED || pending.has(key)) return true;
      if (text === NOTHING) return false;
      try {
        found.set(key, options.decode(text.slice(VALUE.length)));
        return false;
      } catch (error) {
        log.warn({ err: error, cache: name }, 'what a cache holds cannot be read');
        return true;
      }
    });
  }

  async function getMany(wanted: readonly string[]): Promise<ReadonlyMap<string, T>> {
    const found = new Map<string, T>();
    const keys = [...new Set(wanted)];
    if (keys.length === 0) return found;
    const texts = await held(keys);
    const missing = texts === undefined ? standIn.take(keys, found) : take(keys, texts, found);
    metrics.hits(keys.length - missing.length);
    (texts === undefined ? metrics.away : metrics.misses)(missing.length);
    if (missing.length === 0) return found;
    for (const { keys: together, values, mine, startedAt, forgotten } of await loads.load(missing, clock())) {
      for (const key of together) {
        const value = values.get(key);
        if (value !== undefined) found.set(key, value);
      }
      if (!mine) continue;
      const lasting = together.filter((key) => !forgotten.has(key) && !pending.has(key));
      if (texts === undefined) standIn.keep(lasting, values);
      else if (clock() - startedAt < LOAD_KEPT_MS) void keep(lasting, values);
    }
    return found;
  }

  return {
    getMany,
    get: async (key) => (await getMany([key])).get(key),
    async forget(keys) {
      loads.forget(keys);
      standIn.forget(keys);
      await pending.forget(keys);
    },
    close: pending.close,
  };
}

function spread(): number {
  return 1 - SPREAD + 2 * SPREAD * Math.random();
}
