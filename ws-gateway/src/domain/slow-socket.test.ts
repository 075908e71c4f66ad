import { expect, test } from 'vitest';
import { isTooSlow, mustReadFirst } from './slow-socket.ts';

test('too slow is who has more unread than the limit', () => {
  expect(isTooSlow({ bytes: 100, answerBytes: 0 }, 100)).toBe(false);
  expect(isTooSlow({ bytes: 101, answerBytes: 0 }, 100)).toBe(true);
});

test('a large answer that was asked for does not count', () => {
  expect(isTooSlow({ bytes: 1_000, answerBytes: 950 }, 100)).toBe(false);
  expect(isTooSlow({ bytes: 1_000, answerBytes: 850 }, 100)).toBe(true);
});

test('but nothing more is worked on until it has been read', () => {
  expect(mustReadFirst({ bytes: 101, answerBytes: 101 }, 100)).toBe(true);
  expect(mustReadFirst({ bytes: 101, answerBytes: 100 }, 100)).toBe(false);
});
