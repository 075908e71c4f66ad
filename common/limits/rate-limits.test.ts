import { afterEach, describe, expect, test } from 'vitest';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { startTcpProxy } from '../testing/tcp-proxy.ts';
import { openTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { untilTrue } from '../testing/until-true.ts';
import { forAddresses } from './address-limit.ts';
import { rateLimitsConformance, taken } from './rate-limits-conformance.ts';
import { createMemoryRateLimits } from './rate-limits-memory.ts';
import { createRedisRateLimits } from './rate-limits-redis.ts';

const addresses = stackAddresses();
const url = addresses?.redisUrl ?? '';

rateLimitsConformance('memory', async () => ({
  limits: createMemoryRateLimits(),
  close: async () => {},
}));

test('addresses of one subscriber count together, the machine itself and the unknown not at all', async () => {
  const limit = forAddresses(createMemoryRateLimits().perMinute({ name: 'l', most: 2, what: 'things' }));
  expect(await taken(limit, '2001:db8:1:2::1', 1)).toBe(1);
  expect(await taken(limit, '2001:db8:1:2:ffff::', 5)).toBe(1);
  expect(await taken(limit, '2001:db8:1:3::1', 5)).toBe(2);
  expect(await taken(limit, '10.0.0.1', 5)).toBe(2);
  expect(await taken(limit, '::ffff:10.0.0.1', 5)).toBe(0);
  for (const address of ['', '127.0.0.1', '::1']) expect(await taken(limit, address, 5)).toBe(5);
});

describe.skipIf(addresses === undefined)('on Redis', () => {
  rateLimitsConformance('Redis', async () => {
    const redis = await openTestRedis(url);
    return { limits: createRedisRateLimits({ redis }), close: redis.close };
  });

  describe('rate limits on Redis', () => {
    const opened: { close(): Promise<void> }[] = [];
    afterEach(async () => {
      for (const each of opened.splice(0).reverse()) await each.close();
    });

    const options = { name: 'l', most: 5, what: 'things' };
    const limitOn = (redis: TestRedis) => createRedisRateLimits({ redis }).perMinute(options);

    test('processes count together', async () => {
      const redis = await openTestRedis(url);
      const other = await openTestRedis(url, { keyPrefix: redis.keyPrefix });
      opened.push(redis, other);
      const both = await Promise.all([taken(limitOn(redis), 'a', 10), taken(limitOn(other), 'a', 10)]);
      expect(both[0] + both[1]).toBe(5);
      const ttls = await Promise.all((await redis.keys()).map((key) => redis.client.pttl(key)));
      expect(ttls.every((ttl) => ttl > 0 && ttl <= 60_000)).toBe(true);
    });

    test.each(['cut', 'pause'] as const)(
      '%s: each process counts for itself until Redis is back',
      async (how) => {
        const proxy = await startTcpProxy(new URL(url).host);
        opened.push(proxy);
        const redis = await openTestRedis(`redis://${proxy.address}`, { commandTimeoutMs: 400 });
        opened.push(redis);
        const limit = limitOn(redis);
        expect(await taken(limit, 'a', 2)).toBe(2);
        proxy[how]();
        expect(await taken(limit, 'a', 8)).toBe(5);
        await untilTrue(() => redis.client.status !== 'ready');
        expect(await taken(limit, 'a', 8)).toBe(0);
        proxy.restore();
        await untilTrue(() => redis.client.status === 'ready');
        expect(await taken(limit, 'b', 8)).toBe(5);
      },
    );
  });
});
