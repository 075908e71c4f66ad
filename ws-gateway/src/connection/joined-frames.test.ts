import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, noFrames, withFrame } from './joined-frames.ts';

const [a, b, c] = ['a', 'bb', 'ccc'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];

test('the same frames in the same order are one buffer', () => {
  const beginning = noFrames();
  const first = withFrame(withFrame(beginning, a), b);
  const second = withFrame(withFrame(beginning, a), b);
  expect(bytesOf(first)).toBe(bytesOf(second));
  expect(bytesOf(first).toString()).toBe('abb');
});

test('a single frame is not copied', () => {
  expect(bytesOf(withFrame(noFrames(), c))).toBe(c);
});

test('rows that part ways keep what they have', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.constantFrom(a, b, c), { minLength: 1 }), { minLength: 1 }), (rows) => {
      const beginning = noFrames();
      const joined = rows.map((row) => row.reduce(withFrame, beginning));
      for (const [index, row] of rows.entries()) {
        expect(bytesOf(joined[index]!).toString()).toBe(row.join(''));
        expect(joined[index]).toMatchObject({ count: row.length, length: row.join('').length });
      }
    }),
  );
});
