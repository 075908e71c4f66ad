import { expect, test } from 'vitest';
import { requestIdOf } from './request-id.ts';

const given = (id: string) => requestIdOf({ headers: { 'x-request-id': id } });

test('a sane id that comes with a request stays', () => {
  expect(given('abc-1.2_Z')).toBe('abc-1.2_Z');
  expect(given('x'.repeat(64))).toBe('x'.repeat(64));
});

test.each(['', 'x'.repeat(65), 'a b', 'a\nb', '张', '"'])('%j is replaced', (id) => {
  expect(given(id)).toMatch(/^[0-9a-f-]{36}$/);
});

test('every request gets one of its own', () => {
  expect(requestIdOf({ headers: {} })).not.toBe(requestIdOf({ headers: {} }));
});
