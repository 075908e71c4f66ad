import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldUsername, parseUsername, usernameOf } from './username.ts';

test.each([
  ['Alice', 'alice'],
  ['ＡＬＩＣＥ０１', 'alice01'],
  ['ÉCOLE', 'école'],
  ['e\u0301cole', 'école'],
  ['张三丰', '张三丰'],
  ['a_b.c-d', 'a_b.c-d'],
  // Marks that Devanagari and Thai write on their letters.
  ['नमस्ते', 'नमस्ते'],
  ['ผู้ใช้', 'ผู้ใช้'],
  ['٣٤٥', '٣٤٥'],
  ['İstanbul', 'i̇stanbul'],
  ['𝔞𝔟𝔠', 'abc'],
])('%s is stored as %s', (given, folded) => {
  expect(parseUsername(given)).toBe(folded.normalize('NFKC'));
});

test.each([
  'ab',
  '',
  'x'.repeat(65),
  'a b c',
  'a@b.c',
  'abc\u0000',
  'abc\n',
  'ab\u200bc',
  '\u0301abc',
  '😀😀😀',
  '\ud800abc',
  'abc/..',
  // Hangul filler and a variation selector: letters and marks that show as nothing.
  'abc\u3164',
  'abc\ufe0f',
])('%j is no username', (given) => {
  expect(usernameOf(given)).toBeUndefined();
  expect(() => parseUsername(given)).toThrow(
    expect.objectContaining({ reason: 'INVALID_FIELD', metadata: { field: 'username' } }),
  );
});

test('length is counted in characters after folding', () => {
  expect(usernameOf('𠮷'.repeat(64))).toBe('𠮷'.repeat(64));
  expect(usernameOf('e\u0301'.repeat(64))).toBe('é'.repeat(64));
  expect(usernameOf('ﬀ'.repeat(33))).toBeUndefined();
});

test('folding what is folded changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (given) => {
      const folded = foldUsername(given);
      expect(foldUsername(folded)).toBe(folded);
    }),
    { numRuns: 1000 },
  );
});
