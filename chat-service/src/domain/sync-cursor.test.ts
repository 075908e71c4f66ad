import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, type SyncCursor } from './sync-cursor.ts';

/** The default of partitions, and the limit that the first contract had for cursors. */
const PARTITIONS = 64;
const SHORT = 4_096;
/** The most partitions there can be, and the contract's limit for cursors. */
const MAX_PARTITIONS = 1_024;
const LONGEST = 24_576;

const number = fc.oneof(fc.nat(100), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));

function positionsOf(count: number): fc.Arbitrary<number[]> {
  return fc.array(number, { minLength: count, maxLength: count });
}

const cursor: fc.Arbitrary<SyncCursor> = fc.integer({ min: 1, max: PARTITIONS }).chain((count) =>
  fc
    .record({
      epoch: fc.string(),
      base: positionsOf(count),
      bound: positionsOf(count),
      inRun: fc.boolean(),
      after: fc.record({ updatedAt: fc.nat(), conversationId: fc.string() }),
      profileOwed: fc.boolean(),
    })
    .map(({ epoch, base, bound: other, inRun, after, profileOwed }) => {
      const bound = base.map((from, i) => Math.max(from, other[i]!));
      const run = inRun ? { run: { base, bound, after } } : {};
      return { epoch, positions: bound, profileOwed, ...run };
    }),
);

test('a cursor is read back as it was written', () => {
  fc.assert(
    fc.property(cursor, (value) => {
      expect(decodeCursor(encodeCursor(value))).toEqual(value);
    }),
  );
});

test('a cursor is short, also in a long-lived store and in the middle of a run', () => {
  const longest = (count: number, largest: number) => {
    const base = Array.from({ length: count }, () => Math.floor(largest / 2));
    const bound = base.map(() => largest);
    const after = { updatedAt: 4e12, conversationId: 's:9007199254740990:9007199254740991' };
    return encodeCursor({
      epoch: 'x'.repeat(32),
      positions: bound,
      run: { base, bound, after },
      profileOwed: true,
    });
  };
  expect(longest(PARTITIONS, Number.MAX_SAFE_INTEGER).length).toBeLessThan(SHORT);
  expect(longest(MAX_PARTITIONS, Number.MAX_SAFE_INTEGER).length).toBeLessThan(LONGEST);
  // Node refuses requests whose head is above 16 KiB, and a cursor is a part of it.
  expect(longest(MAX_PARTITIONS, 1e9).length).toBeLessThan(14_000);
});

test('what is no cursor is refused as such', () => {
  const text = encodeCursor({ epoch: 'e', positions: [1, 2, 3], profileOwed: false });
  const others = ['x', 'null', 'AAAAAAAA', text.slice(0, -1), text.slice(1), `${text}${text}`];
  for (const other of others) {
    expect(() => decodeCursor(other)).toThrow(
      expect.objectContaining({ reason: 'CURSOR_INVALID', metadata: { field: 'cursor' } }),
    );
  }
});

test('a cursor in which anything was changed is refused', () => {
  fc.assert(
    fc.property(cursor, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
      const bytes = Buffer.from(encodeCursor(value), 'base64url');
      const index = at % bytes.length;
      bytes[index] = bytes[index]! ^ change;
      expect(() => decodeCursor(bytes.toString('base64url'))).toThrow('cannot be read');
    }),
  );
});
