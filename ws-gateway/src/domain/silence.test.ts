import { expect, test } from 'vitest';
import { isSilent, nextPingAt } from './silence.ts';

test('silent is who was not heard for two heartbeats', () => {
  expect(isSilent(1_000, 30, 60_999)).toBe(false);
  expect(isSilent(1_000, 30, 61_000)).toBe(true);
});

test('pings come once a heartbeat', () => {
  expect(nextPingAt(30, 1_000)).toBe(31_000);
  expect(nextPingAt(30, 1_000, 0.5)).toBe(16_000);
});
