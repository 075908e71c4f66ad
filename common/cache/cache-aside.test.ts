import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { startTcpProxy } from '../testing/tcp-proxy.ts';
import { openTestRedis } from '../testing/test-redis.ts';
import { untilTrue } from '../testing/until-true.ts';
import { type CacheAside, type CacheAsideOptions, createCacheAside } from './cache-aside.ts';
import type { KeyValueCache } from './key-value-cache.ts';
import { createMemoryKeyValueCache } from './key-value-cache-memory.ts';
import { createRedisKeyValueCache } from './key-value-cache-redis.ts';

const addresses = stackAddresses();
const url = addresses?.redisUrl ?? '';
const FRESH_MS = 300_000;

/** A source that is asked what each key has, and holds back its answers when it is told to. */
function createSource() {
  const values = new Map<string, string>([
    ['a', 'A'],
    ['b', 'B'],
  ]);
  const asked: string[][] = [];
  let held: Promise<void> | undefined;
  return {
    values,
    asked,
    /** Reads go on, as of when they began, once the function given is called. */
    holdBack(): () => void {
      let release = () => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        held = undefined;
        release();
      };
    },
    async load(keys: readonly string[]) {
      asked.push([...keys]);
      const read = new Map(
        keys.flatMap((key) => (values.has(key) ? [[key, values.get(key) ?? ''] as const] : [])),
      );
      await held;
      return read;
    },
  };
}

function suite(name: string, open: () => Promise<{ cache: KeyValueCache; close(): Promise<void> }>): void {
  describe(`cache aside: ${name}`, () => {
    let clock: number;
    let source: ReturnType<typeof createSource>;
    let cache: KeyValueCache;
    const opened: { close(): void | Promise<void> }[] = [];

    beforeEach(async () => {
      clock = 0;
      source = createSource();
      const one = await open();
      opened.push(one);
      ({ cache } = one);
    });
    afterEach(async () => {
      for (const each of opened.splice(0).reverse()) await each.close();
    });

    /** What one process sees. */
    function aside(given: Partial<CacheAsideOptions<string>> = {}): CacheAside<string> {
      const made = createCacheAside<string>({
        cache,
        name: 'test',
        freshMs: FRESH_MS,
        encode: (value) => value,
        decode: (text) => text,
        load: source.load,
        log: createLogger({ level: 'silent' }),
        metrics: new Registry(),
        clock: () => clock,
        ...given,
      });
      opened.push(made);
      return made;
    }

    /** What was loaded is kept a moment after it was answered. */
    const untilHeld = (key: string) =>
      untilTrue(async () => (await cache.getMany([`test:${key}`])).size === 1);

    test('a value is loaded once and then answered to every process', async () => {
      expect(await aside().get('a')).toBe('A');
      await untilHeld('a');
      expect(await aside().get('a')).toBe('A');
      expect(source.asked).toEqual([['a']]);
    });

    test('that there is nothing is remembered', async () => {
      expect(await aside().get('x')).toBeUndefined();
      await untilHeld('x');
      expect(await aside().get('x')).toBeUndefined();
      expect(source.asked).toEqual([['x']]);
    });

    test('of many only those are loaded that are not held, each once, no more than allowed at a time', async () => {
      const one = aside({ loadAtOnce: 2 });
      await one.get('a');
      await untilHeld('a');
      const found = await one.getMany(['a', 'b', 'x', 'b', 'y', 'z']);
      expect([...found].sort()).toEqual([
        ['a', 'A'],
        ['b', 'B'],
      ]);
      expect(source.asked.slice(1)).toEqual([
        ['b', 'x'],
        ['y', 'z'],
      ]);
      expect((await one.getMany([])).size).toBe(0);
    });

    test('while a key is loaded, who asks for it waits for that', async () => {
      const one = aside();
      const release = source.holdBack();
      const asking = [one.get('a'), one.getMany(['a', 'b']), one.get('b'), one.get('a')];
      await untilTrue(() => source.asked.flat().length === 2);
      release();
      const [a, both, b] = await Promise.all(asking);
      expect([a, b]).toEqual(['A', 'B']);
      expect(both).toEqual(new Map([['a', 'A']]).set('b', 'B'));
      expect(source.asked.flat().sort()).toEqual(['a', 'b']);
    });

    test('after a change every process gets what is true now', async () => {
      const [here, there] = [aside(), aside()];
      await here.get('a');
      await untilHeld('a');
      source.values.set('a', 'changed');
      await there.forget(['a']);
      expect(await here.get('a')).toBe('changed');
      expect(await there.get('a')).toBe('changed');
      source.values.delete('a');
      await here.forget(['a']);
      expect(await there.get('a')).toBeUndefined();
    });

    test('what was read before a change is not kept, whoever read it', async () => {
      const [here, there] = [aside(), aside()];
      for (const reader of [here, there]) {
        const release = source.holdBack();
        const old = reader.get('a');
        await untilTrue(() => source.asked.length > 0);
        const before = source.values.get('a');
        source.values.set('a', `${before}!`);
        await here.forget(['a']);
        const late = reader.get('a');
        release();
        expect(await old).toBe(before);
        // Here it does not join the load that began before; there it may have begun to wait for it.
        if (reader === here) expect(await late).toBe(`${before}!`);
        await late;
        expect(await here.get('a')).toBe(`${before}!`);
        expect(await there.get('a')).toBe(`${before}!`);
        source.asked.length = 0;
      }
    });

    test('a process that cannot tell the cache of its change does not believe the cache, and tells it later', async () => {
      let refuses = true;
      const full: KeyValueCache = {
        ...cache,
        async put(entries) {
          if (refuses) throw new Error('there is no room');
          await cache.put(entries);
        },
      };
      const here = aside({ cache: full });
      const there = aside();
      await here.get('a');
      await untilHeld('a');
      source.values.set('a', 'changed');
      await here.forget(['a']);
      expect(await here.get('a')).toBe('changed');
      expect(await there.get('a')).toBe('A');
      refuses = false;
      await untilTrue(async () => (await there.get('a')) === 'changed');
    });

    test('a load that took too long is answered but not kept', async () => {
      const release = source.holdBack();
      const slow = aside().get('a');
      await untilTrue(() => source.asked.length > 0);
      clock = 5_000;
      release();
      expect(await slow).toBe('A');
      await aside().get('a');
      expect(source.asked).toEqual([['a'], ['a']]);
    });

    test('a load that fails fails for those who wait, and is tried again by the next', async () => {
      let fails = true;
      const one = aside({
        load: async (keys) => {
          if (fails) throw new Error('the source is away');
          return source.load(keys);
        },
      });
      const both = await Promise.allSettled([one.get('a'), one.get('a')]);
      expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      fails = false;
      expect(await one.get('a')).toBe('A');
    });

    test('what cannot be read is loaded', async () => {
      await cache.put([{ key: 'test:a', value: '=of another release', ttlMs: 60_000 }]);
      const decode = (text: string) => {
        if (text !== 'A') throw new Error('unreadable');
        return text;
      };
      expect(await aside({ decode }).get('a')).toBe('A');
    });

    test('times to live are spread', async () => {
      const ttls: number[] = [];
      const noting: KeyValueCache = {
        ...cache,
        async add(entries) {
          ttls.push(...entries.map(({ ttlMs }) => ttlMs));
        },
      };
      const many = Array.from({ length: 200 }, (_, i) => `${i}`);
      const load = async (keys: readonly string[]) =>
        new Map(keys.filter((key) => key !== '0').map((key) => [key, key]));
      await aside({ cache: noting, load }).getMany(many);
      await untilTrue(() => ttls.length === many.length);
      const [nothing = 0, ...values] = ttls;
      expect(nothing).toBeGreaterThanOrEqual(57_000);
      expect(nothing).toBeLessThanOrEqual(63_000);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0.95 * FRESH_MS);
      expect(Math.max(...values)).toBeLessThanOrEqual(1.05 * FRESH_MS);
      expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.05 * FRESH_MS);
    });
  });
}

suite('memory', async () => ({ cache: createMemoryKeyValueCache(), close: async () => {} }));

describe.skipIf(addresses === undefined)('on Redis', () => {
  suite('Redis', async () => {
    const redis = await openTestRedis(url);
    return { cache: createRedisKeyValueCache({ redis }), close: redis.close };
  });

  describe('cache aside while Redis is away', () => {
    const opened: { close(): void | Promise<void> }[] = [];
    let clock: number;
    beforeEach(() => {
      clock = 0;
    });
    afterEach(async () => {
      for (const each of opened.splice(0).reverse()) await each.close();
    });

    /** A process whose Redis can be taken away, and one that goes on seeing it. */
    async function twoProcesses() {
      const near = await openTestRedis(url);
      const proxy = await startTcpProxy(new URL(url).host);
      const far = await openTestRedis(`redis://${proxy.address}`, {
        keyPrefix: near.keyPrefix,
        commandTimeoutMs: 100,
      });
      opened.push(near, proxy, far);
      const source = createSource();
      const metrics = new Registry();
      const process = (redis: typeof near) => {
        const made = createCacheAside<string>({
          cache: createRedisKeyValueCache({ redis }),
          name: 'test',
          freshMs: FRESH_MS,
          encode: (value) => value,
          decode: (text) => text,
          load: source.load,
          log: createLogger({ level: 'silent' }),
          metrics,
          clock: () => clock,
        });
        opened.push(made);
        return made;
      };
      return { cut: process(far), whole: process(near), source, proxy, near, far, metrics };
    }

    test.each(['cut', 'pause'] as const)(
      '%s: the source is asked for each key once in a while',
      async (how) => {
        const { cut, source, proxy, far, metrics } = await twoProcesses();
        proxy[how]();
        const crowd = await Promise.all(Array.from({ length: 100 }, () => cut.get('a')));
        expect(new Set(crowd)).toEqual(new Set(['A']));
        await untilTrue(() => far.client.status !== 'ready');
        for (let i = 0; i < 20; i++) await cut.getMany(['a', 'b', 'x']);
        expect(source.asked.flat().sort()).toEqual(['a', 'b', 'x']);
        clock = 2_000;
        await cut.getMany(['a', 'x']);
        expect(source.asked.at(-1)).toEqual(['a', 'x']);
        expect(await metrics.metrics()).toMatch(/im_cache_reads_total{cache="test",result="away"} [1-9]/);
      },
    );

    test('a change that Redis could not be told of counts here at once, and everywhere once it is back', async () => {
      const { cut, whole, source, proxy, near, far } = await twoProcesses();
      await whole.get('a');
      await untilTrue(async () => (await near.keys()).length === 1);
      proxy.cut();
      await untilTrue(() => far.client.status !== 'ready');
      source.values.set('a', 'changed');
      await cut.forget(['a']);
      expect(await cut.get('a')).toBe('changed');
      expect(await whole.get('a')).toBe('A');
      proxy.restore();
      await untilTrue(async () => (await whole.get('a')) === 'changed');
      expect(await cut.get('a')).toBe('changed');
    });

    test('a change again while the first has not been told is told as well', async () => {
      const { cut, whole, source, proxy, far } = await twoProcesses();
      proxy.cut();
      await untilTrue(() => far.client.status !== 'ready');
      for (const value of ['first', 'second']) {
        source.values.set('a', value);
        await cut.forget(['a']);
        expect(await cut.get('a')).toBe(value);
      }
      proxy.restore();
      await untilTrue(() => far.client.status === 'ready');
      await untilTrue(async () => (await whole.get('a')) === 'second');
    });

    test('emptied it is filled again', async () => {
      const { whole, source, near } = await twoProcesses();
      await whole.get('a');
      await untilTrue(async () => (await near.keys()).length === 1);
      await near.empty();
      expect(await whole.get('a')).toBe('A');
      expect(source.asked).toEqual([['a'], ['a']]);
    });
  });
});
