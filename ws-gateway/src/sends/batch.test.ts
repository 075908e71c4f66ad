import { expect, test } from 'vitest';
import { takeBatch } from './batch.ts';
import type { Send } from './send.ts';

function group(size: number, bytes = 100): Send[] {
  return Array.from({ length: size }, () => ({ bytes }) as Send);
}

test('groups go together as long as they fit, and none is divided', () => {
  const groups = [group(300), group(200), group(1)];
  const outbox = [...groups];
  expect(takeBatch(outbox, () => true)).toEqual(groups.slice(0, 2).flat());
  expect(outbox).toEqual([groups[2]]);
});

test('the first group goes whatever its size', () => {
  const outbox = [group(600), group(1, 3_000_000), group(1)];
  expect(takeBatch(outbox, () => true)).toHaveLength(600);
  expect(takeBatch(outbox, () => true)).toHaveLength(1);
  expect(takeBatch(outbox, () => true)).toHaveLength(1);
  expect(takeBatch(outbox, () => true)).toEqual([]);
});

test('what is owed no longer is left out', () => {
  const [a, b, c] = [group(1), group(1), group(1)];
  const outbox = [a!, b!, c!];
  expect(takeBatch(outbox, (send) => send !== b![0])).toEqual([...a!, ...c!]);
  expect(outbox).toEqual([]);
});
