export interface CacheEntry {
  readonly key: string;
  readonly value: string;
  /** How long it is kept at most, in milliseconds. */
  readonly ttlMs: number;
}

/**
 * Values under keys, for a while. May lose any of them, or all, at any time; may fail as STORE_AWAY. All
 * services share the keys: each puts a name of its own in front.
 */
export interface KeyValueCache {
  /** What is held of these keys; those under which nothing is have no key in the answer. */
  getMany(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Keeps each value, unless something is held under its key already: decided in one step. */
  add(entries: readonly CacheEntry[]): Promise<void>;
  /** Keeps each value in place of what is held under its key. */
  put(entries: readonly CacheEntry[]): Promise<void>;
}
