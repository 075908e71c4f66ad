import { expect, test } from 'vitest';
import { isDecimalId } from './conversation-id.ts';
import { random53, randomToken } from './random-id.ts';

test('random ids are valid and differ', () => {
  const ids = Array.from({ length: 1000 }, random53);
  expect(ids.every(isDecimalId)).toBe(true);
  expect(new Set(ids).size).toBe(1000);
});

test('a token carries as many bytes as asked', () => {
  expect(Buffer.from(randomToken(32), 'base64url')).toHaveLength(32);
});
