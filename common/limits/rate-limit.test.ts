import { expect, test } from 'vitest';
import { ImError } from '../errors/im-error.ts';
import { createAddressLimit } from './address-limit.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';

/** How many of so many are let through. */
async function taken(limit: RateLimit, key: string, count: number): Promise<number> {
  const results = await Promise.allSettled(Array.from({ length: count }, () => limit.take(key)));
  return results.filter(({ status }) => status === 'fulfilled').length;
}

test('each key has its own count', async () => {
  const limit = createRateLimit({ most: 3, what: 'things' });
  expect(await taken(limit, 'a', 5)).toBe(3);
  expect(await taken(limit, 'b', 2)).toBe(2);
  expect(await taken(limit, 'a', 1)).toBe(0);
});

test('a refusal says when to come again', async () => {
  const limit = createRateLimit({ most: 1, what: 'things' });
  await limit.take('a');
  const refusal = await limit.take('a').catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ImError);
  expect(refusal).toMatchObject({
    reason: 'RATE_LIMITED',
    httpStatus: 429,
    message: 'too many things in a minute',
  });
  const retryAfterMs = Number((refusal as ImError).metadata.retryAfterMs);
  expect(retryAfterMs).toBeGreaterThan(58_000);
  expect(retryAfterMs).toBeLessThanOrEqual(60_000);
});

test('0 is no limit', async () => {
  expect(await taken(createRateLimit({ most: 0, what: 'things' }), 'a', 100)).toBe(100);
});

test('addresses of one subscriber count together, the machine itself and the unknown not at all', async () => {
  const limit = createAddressLimit({ most: 2, what: 'things' });
  expect(await taken(limit, '2001:db8:1:2::1', 1)).toBe(1);
  expect(await taken(limit, '2001:db8:1:2:ffff::', 5)).toBe(1);
  expect(await taken(limit, '2001:db8:1:3::1', 5)).toBe(2);
  expect(await taken(limit, '10.0.0.1', 5)).toBe(2);
  expect(await taken(limit, '::ffff:10.0.0.1', 5)).toBe(0);
  for (const address of ['', '127.0.0.1', '::1']) expect(await taken(limit, address, 5)).toBe(5);
});
