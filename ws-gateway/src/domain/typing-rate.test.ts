import { expect, test } from 'vitest';
import { TYPING_GAP_MS, takeTyping } from './typing-rate.ts';

test('typing is passed on once a second for each conversation', () => {
  const rate = new Map();
  expect(takeTyping(rate, 'a', 0)).toBe(true);
  expect(takeTyping(rate, 'a', TYPING_GAP_MS - 1)).toBe(false);
  expect(takeTyping(rate, 'b', TYPING_GAP_MS - 1)).toBe(true);
  expect(takeTyping(rate, 'a', TYPING_GAP_MS)).toBe(true);
});

test('a socket that types everywhere is not passed on everywhere, and remembers little', () => {
  const rate = new Map();
  let passed = 0;
  for (let conversation = 0; conversation < 1_000; conversation++) {
    if (takeTyping(rate, String(conversation), 0)) passed += 1;
  }
  expect(passed).toBeLessThan(50);
  expect(rate.size).toBe(passed);
  expect(takeTyping(rate, 'later', TYPING_GAP_MS)).toBe(true);
  expect(rate.size).toBe(passed);
});
