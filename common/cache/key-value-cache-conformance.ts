import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { untilTrue } from '../testing/until-true.ts';
import type { KeyValueCache } from './key-value-cache.ts';

const LONG_MS = 3_600_000;

/** What every implementation of KeyValueCache promises. `open` gives an empty one and how to let go of it. */
export function keyValueCacheConformance(
  name: string,
  open: () => Promise<{ cache: KeyValueCache; close(): Promise<void> }>,
): void {
  describe(`key-value cache: ${name}`, () => {
    let cache: KeyValueCache;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ cache, close } = await open());
    });
    afterEach(() => close());

    const entry = (key: string, value: string, ttlMs = LONG_MS) => ({ key, value, ttlMs });
    const held = async (...keys: string[]) => Object.fromEntries(await cache.getMany(keys));

    test('what was added is held, what was not has no key', async () => {
      await cache.add([entry('a', '1'), entry('b', '二 \u0000')]);
      expect(await held('a', 'b', 'c', 'a')).toEqual({ a: '1', b: '二 \u0000' });
      expect(await held()).toEqual({});
    });

    test('adding leaves what is held, putting replaces it', async () => {
      await cache.add([entry('a', '1')]);
      await cache.add([entry('a', '2'), entry('b', '')]);
      expect(await held('a', 'b')).toEqual({ a: '1', b: '' });
      await cache.put([entry('a', '3'), entry('c', '4')]);
      expect(await held('a', 'b', 'c')).toEqual({ a: '3', b: '', c: '4' });
    });

    test('of those who add at once one counts', async () => {
      await Promise.all(['1', '2', '3'].map((value) => cache.add([entry('a', value)])));
      const { a } = await held('a');
      await cache.add([entry('a', 'late')]);
      expect(await held('a')).toEqual({ a });
    });

    test('a value goes when its time is over, and another may be added', async () => {
      await cache.put([entry('a', '1', 20.5), entry('b', '2')]);
      await untilTrue(async () => (await held('a')).a === undefined);
      expect(await held('a', 'b')).toEqual({ b: '2' });
      await cache.add([entry('a', '3')]);
      expect(await held('a')).toEqual({ a: '3' });
    });

    test('nothing to do is harmless', async () => {
      await cache.add([]);
      await cache.put([]);
      expect(await held('a')).toEqual({});
    });
  });
}
