import { expect, test } from 'vitest';
import { type Span, stretchUpTo } from './spans.ts';

const span = (from_seq: number, to_seq: number | null, opened_at: number): Span => ({
  from_seq,
  to_seq,
  opened_at,
  from_count: 0,
  to_count: null,
  to_at: null,
  closed_at: null,
});

test('what a member may see is walked from the newest down, over what they were away for', () => {
  const spans = [span(1, 100, 1), span(5_000, null, 2)];
  expect(stretchUpTo(spans, 0, 6_000)).toEqual({ from: 5_000, to: 6_000 });
  expect(stretchUpTo(spans, 0, 4_999)).toEqual({ from: 1, to: 100 });
  expect(stretchUpTo(spans, 0, 50)).toEqual({ from: 1, to: 50 });
  expect(stretchUpTo(spans, 0, 0)).toBeUndefined();
  expect(stretchUpTo(spans, 40, 100)).toEqual({ from: 41, to: 100 });
  expect(stretchUpTo(spans, 100, 4_999)).toBeUndefined();
});

test('a rejoin that shows all covers what went before', () => {
  const spans = [span(10, 20, 1), span(1, null, 2)];
  expect(stretchUpTo(spans, 0, 30)).toEqual({ from: 1, to: 30 });
  expect(stretchUpTo(spans, 0, 15)).toEqual({ from: 1, to: 15 });
});
