import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { ImError } from '../errors/im-error.ts';

const MINUTE_SECONDS = 60;

/** How often things may be done. Counted in this process alone. */
export interface RateLimit {
  /** Counts one more for `key`. Throws RATE_LIMITED, with when it may go on, once there are too many. */
  take(key: string): Promise<void>;
}

/**
 * At most `most` a minute for each key, in windows that begin with the first
 * of them; 0 is no limit. `what` says in the error what there is too much of.
 */
export function createRateLimit({ most, what }: { most: number; what: string }): RateLimit {
  if (most === 0) return { take: async () => {} };
  const counts = new RateLimiterMemory({ points: most, duration: MINUTE_SECONDS });
  return {
    async take(key) {
      try {
        await counts.consume(key);
      } catch (refusal) {
        const retryAfterMs = String(Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext)));
        throw new ImError('RATE_LIMITED', `too many ${what} in a minute`, { retryAfterMs });
      }
    },
  };
}
