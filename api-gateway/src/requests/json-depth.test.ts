import { expect, test } from 'vitest';
import { isDeeperThan } from './json-depth.ts';

test('counts lists and objects inside each other', () => {
  const json = { a: 1, b: [{ c: [] }], d: { e: null } };
  expect(isDeeperThan(4, json)).toBe(false);
  expect(isDeeperThan(3, json)).toBe(true);
  expect(isDeeperThan(0, 'text')).toBe(false);
});
