import type { CacheEntry, KeyValueCache } from './key-value-cache.ts';
import type { RedisConnection } from './redis.ts';
import { execPipeline } from './redis-pipeline.ts';

/** In front of all keys of these caches, apart from what else is on the server. */
const PREFIX = 'kv:';

/** A cache that the processes of a cluster share. Limit: as many keys as the server has room for. */
export function createRedisKeyValueCache({ redis }: { redis: RedisConnection }): KeyValueCache {
  const { client } = redis;
  const ttlOf = ({ ttlMs }: CacheEntry) => Math.max(1, Math.round(ttlMs));
  return {
    async getMany(keys) {
      if (keys.length === 0) return new Map();
      const values = await client.mget(keys.map((key) => PREFIX + key));
      return new Map(
        keys.flatMap((key, index) => {
          const value = values[index];
          return value === null || value === undefined ? [] : [[key, value]];
        }),
      );
    },
    async add(entries) {
      if (entries.length === 0) return;
      const pipeline = client.pipeline();
      for (const entry of entries) pipeline.set(PREFIX + entry.key, entry.value, 'PX', ttlOf(entry), 'NX');
      await execPipeline(pipeline);
    },
    async put(entries) {
      if (entries.length === 0) return;
      const pipeline = client.pipeline();
      for (const entry of entries) pipeline.set(PREFIX + entry.key, entry.value, 'PX', ttlOf(entry));
      await execPipeline(pipeline);
    },
  };
}
