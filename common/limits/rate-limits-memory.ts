import { RateLimiterMemory } from 'rate-limiter-flexible';
import { MINUTE_SECONDS, NO_LIMIT, type RateLimits } from './rate-limits.ts';
import { takeOne } from './take-one.ts';

/** Limits that this process counts. Limit: in a cluster each process lets through as many. */
export function createMemoryRateLimits(): RateLimits {
  const all = new Map<string, RateLimiterMemory>();
  return {
    perMinute({ name, most, what }) {
      if (most === 0) return NO_LIMIT;
      const counts = all.get(name) ?? new RateLimiterMemory({ points: most, duration: MINUTE_SECONDS });
      all.set(name, counts);
      return { take: (key) => takeOne(counts, key, what) };
    },
  };
}
