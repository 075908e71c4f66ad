import { expect, test } from 'vitest';
import { loginDelayMs } from './login-delay.ts';

test('delays begin behind the free failures, double, and are bounded', () => {
  const limits = { free: 3, firstDelayMs: 1000, mostDelayMs: 5000 };
  expect([1, 3, 4, 5, 6, 7, 1_000_000].map((failures) => loginDelayMs(failures, limits))).toEqual([
    0, 0, 1000, 2000, 4000, 5000, 5000,
  ]);
});
