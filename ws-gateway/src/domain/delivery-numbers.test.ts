import { expect, test } from 'vitest';
import { noteDelivery } from './delivery-numbers.ts';

test('numbers of each sender go on by themselves', () => {
  const numbers = new Map();
  expect([1, 2, 3].map((number) => noteDelivery(numbers, 'a', number))).toEqual(['next', 'next', 'next']);
  expect(noteDelivery(numbers, 'b', 1)).toBe('next');
});

test('a jump is a gap, also at the beginning', () => {
  const numbers = new Map();
  expect(noteDelivery(numbers, 'a', 2)).toBe('gap');
  expect(noteDelivery(numbers, 'a', 3)).toBe('next');
  expect(noteDelivery(numbers, 'a', 5)).toBe('gap');
});

test('a number seen before is a repetition', () => {
  const numbers = new Map();
  noteDelivery(numbers, 'a', 1);
  expect(noteDelivery(numbers, 'a', 1)).toBe('repeated');
});
