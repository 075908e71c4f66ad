import { expect, test } from 'vitest';
import { backoffMs, delay, within } from './wait.ts';

test('a delay ends early with the reason of its signal', async () => {
  const stop = new AbortController();
  const waiting = delay(60_000, stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('pauses double up to the bound, at least half of each kept', () => {
  for (const [attempt, full] of [
    [0, 100],
    [1, 200],
    [5, 1000],
    [500, 1000],
  ] as const) {
    const pause = backoffMs(attempt, { firstMs: 100, mostMs: 1000 });
    expect(pause).toBeGreaterThanOrEqual(full / 2);
    expect(pause).toBeLessThanOrEqual(full);
  }
});

test('within gives the value, or undefined when it comes too late', async () => {
  expect(await within(Promise.resolve(7), 60_000)).toBe(7);
  expect(await within(new Promise(() => {}), 1)).toBeUndefined();
});
