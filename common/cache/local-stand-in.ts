import { LRUCache } from 'lru-cache';

/** How long a value stands in, in milliseconds. */
const FRESH_MS = 2_000;
const MAX_KEYS = 10_000;

/** What the source said lately, for while the cache is away. */
export interface LocalStandIn<T> {
  /** What is known goes to `found`; gives the keys of which nothing is known. */
  take(keys: readonly string[], found: Map<string, T>): string[];
  /** Keeps what was loaded of these keys, also that there is nothing. */
  keep(keys: readonly string[], values: ReadonlyMap<string, T>): void;
  forget(keys: readonly string[]): void;
}

export function createLocalStandIn<T>(clock: () => number): LocalStandIn<T> {
  const known = new LRUCache<string, { value: T | undefined; until: number }>({ max: MAX_KEYS });
  return {
    take: (keys, found) =>
      keys.filter((key) => {
        const entry = known.get(key);
        if (entry === undefined || entry.until <= clock()) return true;
        if (entry.value !== undefined) found.set(key, entry.value);
        return false;
      }),
    keep(keys, values) {
      const until = clock() + FRESH_MS;
      for (const key of keys) known.set(key, { value: values.get(key), until });
    },
    forget(keys) {
      for (const key of keys) known.delete(key);
    },
  };
}
