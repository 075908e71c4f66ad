import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSenders, type Senders } from './senders.ts';

let losses: number;
let senders: Senders;

beforeEach(() => {
  vi.useFakeTimers();
  losses = 0;
  senders = createSenders(() => {
    losses += 1;
  });
});
afterEach(() => {
  senders.close();
  vi.useRealTimers();
});

test('a gap is a loss at once', () => {
  senders.take('a', 1);
  senders.take('a', 3);
  expect(losses).toBe(1);
});

test('a stream that broke is a loss when its sender does not go on', () => {
  senders.take('a', 1);
  senders.ended(new Set(['a']));
  vi.advanceTimersByTime(1_900);
  expect(losses).toBe(0);
  vi.advanceTimersByTime(200);
  expect(losses).toBe(1);
});

test('a sender that goes on where it was has lost nothing', () => {
  senders.take('a', 1);
  senders.ended(new Set(['a']));
  vi.advanceTimersByTime(1_000);
  expect(senders.take('a', 2)).toBe(true);
  vi.advanceTimersByTime(10_000);
  expect(losses).toBe(0);
});

test('a repetition does not show that the sender goes on', () => {
  senders.take('a', 1);
  senders.ended(new Set(['a']));
  expect(senders.take('a', 1)).toBe(false);
  vi.advanceTimersByTime(10_000);
  expect(losses).toBe(1);
});
