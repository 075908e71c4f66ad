import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { RedisConnection } from '../cache/redis.ts';
import { MINUTE_SECONDS, NO_LIMIT, type RateLimits } from './rate-limits.ts';
import { takeOne } from './take-one.ts';

/**
 * Limits that the processes of a cluster count together. While Redis is away each counts for itself, from
 * nothing: then as many times as much may get through as there are processes, but nobody waits or is refused
 * for it.
 */
export function createRedisRateLimits({ redis }: { redis: RedisConnection }): RateLimits {
  return {
    perMinute({ name, most, what }) {
      if (most === 0) return NO_LIMIT;
      const counts = new RateLimiterRedis({
        storeClient: redis.client,
        keyPrefix: `limit:${name}`,
        points: most,
        duration: MINUTE_SECONDS,
        rejectIfRedisNotReady: true,
        // Who is over the limit is refused here without asking again.
        inMemoryBlockOnConsumed: most + 1,
        insuranceLimiter: new RateLimiterMemory({ points: most, duration: MINUTE_SECONDS }),
      });
      return { take: (key) => takeOne(counts, key, what) };
    },
  };
}
