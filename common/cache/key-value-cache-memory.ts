import { LRUCache } from 'lru-cache';
import type { CacheEntry, KeyValueCache } from './key-value-cache.ts';

/** Characters held of all keys and values: some 50 MB. The least recently used goes first. */
const MAX_CHARACTERS = 25_000_000;

/** A cache of one process. Limit: gone with the process; other processes do not see it. */
export function createMemoryKeyValueCache({ clock = () => performance.now() } = {}): KeyValueCache {
  const held = new LRUCache<string, { value: string; until: number }>({
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ value }, key) => key.length + value.length,
  });
  const living = (key: string): string | undefined => {
    const entry = held.get(key);
    return entry !== undefined && entry.until > clock() ? entry.value : undefined;
  };
  const keep = ({ key, value, ttlMs }: CacheEntry) => held.set(key, { value, until: clock() + ttlMs });
  return {
    async getMany(keys) {
      const found = new Map<string, string>();
      for (const key of keys) {
        const value = living(key);
        if (value !== undefined) found.set(key, value);
      }
      return found;
    },
    async add(entries) {
      for (const entry of entries) if (living(entry.key) === undefined) keep(entry);
    },
    async put(entries) {
      for (const entry of entries) keep(entry);
    },
  };
}
