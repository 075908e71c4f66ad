import { expect, test } from 'vitest';
import { codePointCount, firstCodePoints } from './text.ts';

test('text is counted and cut by code points', () => {
  expect(codePointCount('a中😀')).toBe(3);
  expect(firstCodePoints('a😀中', 2)).toBe('a😀');
  expect(firstCodePoints('ab', 5)).toBe('ab');
});
