import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import { ImError } from '../errors/im-error.ts';

/** Counts one for a key; throws RATE_LIMITED once there are too many. `what` there is too much of. */
export async function takeOne(counts: RateLimiterAbstract, key: string, what: string): Promise<void> {
  try {
    await counts.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const retryAfterMs = String(Math.max(1, Math.ceil(refusal.msBeforeNext)));
    throw new ImError('RATE_LIMITED', `too many ${what} in a minute`, { retryAfterMs });
  }
}
