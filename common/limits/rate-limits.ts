/** How often things may be done. */
export interface RateLimit {
  /** Counts one more for `key`. Throws RATE_LIMITED, with when it may go on, once there are too many. */
  take(key: string): Promise<void>;
}

export interface RateLimitOptions {
  /** Whose counts they are: limits of one name count together. */
  name: string;
  /** In a minute; 0 is no limit. */
  most: number;
  /** Says in the error what there is too much of. */
  what: string;
}

/** Makes limits: at most so many a minute for each key, in windows that begin with the first of them. */
export interface RateLimits {
  perMinute(options: RateLimitOptions): RateLimit;
}

export const NO_LIMIT: RateLimit = { take: async () => {} };

export const MINUTE_SECONDS = 60;
