import { expect, test } from 'vitest';
import { createTakenRanges } from './taken-ranges.ts';

test('what follows without a hole counts at once', () => {
  const taken = createTakenRanges();
  expect(taken.upTo(1)).toBeUndefined();
  taken.atLeast(1, 10);
  taken.take(1, 10, 12);
  taken.take(1, 12, 13);
  expect(taken.upTo(1)).toBe(13);
  expect(taken.holeEnd(1)).toBeUndefined();
  expect(taken.upTo(2)).toBeUndefined();
});

test('what lies behind a hole counts once the hole is filled', () => {
  const taken = createTakenRanges();
  taken.atLeast(1, 10);
  taken.take(1, 12, 14);
  taken.take(1, 14, 15);
  taken.take(1, 17, 18);
  expect(taken.upTo(1)).toBe(10);
  expect(taken.holeEnd(1)).toBe(12);
  taken.atLeast(1, 11);
  expect(taken.upTo(1)).toBe(11);
  taken.take(1, 10, 12);
  expect(taken.upTo(1)).toBe(15);
  expect(taken.holeEnd(1)).toBe(17);
  taken.atLeast(1, 30);
  expect(taken.upTo(1)).toBe(30);
  expect(taken.holeEnd(1)).toBeUndefined();
});

test('what comes twice or out of order changes nothing that it should not', () => {
  const taken = createTakenRanges();
  taken.atLeast(1, 0);
  taken.take(1, 5, 6);
  taken.take(1, 2, 3);
  taken.take(1, 5, 6);
  expect(taken.holeEnd(1)).toBe(2);
  taken.take(1, 0, 2);
  expect(taken.upTo(1)).toBe(3);
  taken.take(1, 1, 5);
  expect(taken.upTo(1)).toBe(6);
  taken.atLeast(1, 4);
  expect(taken.upTo(1)).toBe(6);
});
