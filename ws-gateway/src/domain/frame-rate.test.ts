import { expect, test } from 'vitest';
import { newFrameRate, takeFrame } from './frame-rate.ts';

const LIMIT = { perSecond: 1_000, burst: 2_000 };

function takeMany(rate: ReturnType<typeof newFrameRate>, count: number, now: number): number {
  let taken = 0;
  while (taken < count && takeFrame(rate, LIMIT, now)) taken += 1;
  return taken;
}

test('a burst is taken at once, one more is not', () => {
  const rate = newFrameRate(LIMIT, 0);
  expect(takeMany(rate, 3_000, 0)).toBe(2_000);
});

test('the allowance comes back at its rate and not above the burst', () => {
  const rate = newFrameRate(LIMIT, 0);
  takeMany(rate, 2_000, 0);
  expect(takeMany(rate, 3_000, 500)).toBe(500);
  expect(takeMany(rate, 9_000, 60_000)).toBe(2_000);
});

test('a thousand a second may go on for ever', () => {
  const rate = newFrameRate(LIMIT, 0);
  for (let now = 0; now < 60_000; now += 1) expect(takeFrame(rate, LIMIT, now)).toBe(true);
});

test('a clock that goes back gives nothing', () => {
  const rate = newFrameRate(LIMIT, 1_000);
  takeMany(rate, 2_000, 1_000);
  expect(takeFrame(rate, LIMIT, 0)).toBe(false);
});
