import { describe, expect, test } from 'vitest';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { openTestRedis } from '../testing/test-redis.ts';
import { keyValueCacheConformance } from './key-value-cache-conformance.ts';
import { createMemoryKeyValueCache } from './key-value-cache-memory.ts';
import { createRedisKeyValueCache } from './key-value-cache-redis.ts';

const addresses = stackAddresses();

keyValueCacheConformance('memory', async () => ({
  cache: createMemoryKeyValueCache(),
  close: async () => {},
}));

test('in memory there is room for so much', async () => {
  const cache = createMemoryKeyValueCache();
  const value = 'x'.repeat(1_000_000);
  for (let i = 0; i < 40; i++) await cache.put([{ key: `${i}`, value, ttlMs: 1_000_000 }]);
  expect([...(await cache.getMany(['0', '39'])).keys()]).toEqual(['39']);
});

describe.skipIf(addresses === undefined)('on Redis', () => {
  keyValueCacheConformance('Redis', async () => {
    const redis = await openTestRedis(addresses?.redisUrl ?? '');
    return { cache: createRedisKeyValueCache({ redis }), close: redis.close };
  });
});
