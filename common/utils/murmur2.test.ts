import { expect, test } from 'vitest';
import { murmur2, partitionOf } from './murmur2.ts';

// From Kafka's own UtilsTest.
const VECTORS: [string, number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

test.each(VECTORS)('murmur2 of %s is what Kafka computes', (text, hash) => {
  expect(murmur2(text)).toBe(hash);
  expect(murmur2(new TextEncoder().encode(text))).toBe(hash);
});

test('a partition is positive also where the hash is not', () => {
  expect(partitionOf('21', 64)).toBe((-973932308 & 0x7fffffff) % 64);
  for (let i = 0; i < 500; i++) {
    const partition = partitionOf(`s:${i}:${i + 1}`, 7);
    expect(partition).toBeGreaterThanOrEqual(0);
    expect(partition).toBeLessThan(7);
  }
});
