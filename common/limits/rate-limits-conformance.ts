import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ImError } from '../errors/im-error.ts';
import type { RateLimit, RateLimits } from './rate-limits.ts';

/** How many of so many, at once, are let through. */
export async function taken(limit: RateLimit, key: string, count: number): Promise<number> {
  const results = await Promise.allSettled(Array.from({ length: count }, () => limit.take(key)));
  return results.filter(({ status }) => status === 'fulfilled').length;
}

/** What every implementation of RateLimits promises. `open` gives one without counts and how to let go of it. */
export function rateLimitsConformance(
  name: string,
  open: () => Promise<{ limits: RateLimits; close(): Promise<void> }>,
): void {
  describe(`rate limits: ${name}`, () => {
    let limits: RateLimits;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ limits, close } = await open());
    });
    afterEach(() => close());

    test('each key has its own count', async () => {
      const limit = limits.perMinute({ name: 'l', most: 3, what: 'things' });
      expect(await taken(limit, 'a', 5)).toBe(3);
      expect(await taken(limit, 'b', 2)).toBe(2);
      expect(await taken(limit, 'a', 1)).toBe(0);
    });

    test('limits of one name count together, others apart', async () => {
      const [one, same, other] = ['l', 'l', 'm'].map((name) =>
        limits.perMinute({ name, most: 3, what: 'things' }),
      );
      expect(await taken(one!, 'a', 2)).toBe(2);
      expect(await taken(same!, 'a', 2)).toBe(1);
      expect(await taken(other!, 'a', 4)).toBe(3);
    });

    test('a refusal says when to come again', async () => {
      const limit = limits.perMinute({ name: 'l', most: 1, what: 'things' });
      await limit.take('a');
      for (let i = 0; i < 2; i++) {
        const refusal = await limit.take('a').catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(ImError);
        expect(refusal).toMatchObject({
          reason: 'RATE_LIMITED',
          httpStatus: 429,
          message: 'too many things in a minute',
        });
        const retryAfterMs = Number((refusal as ImError).metadata.retryAfterMs);
        expect(retryAfterMs).toBeGreaterThan(50_000);
        expect(retryAfterMs).toBeLessThanOrEqual(60_000);
      }
    });

    test('0 is no limit', async () => {
      expect(await taken(limits.perMinute({ name: 'l', most: 0, what: 'things' }), 'a', 100)).toBe(100);
    });
  });
}
