import { expect, test } from 'vitest';
import { z } from 'zod';
import { decodePageToken, encodePageToken, pageSizeOf } from './page-token.ts';

const position = z.strictObject({ after: z.string() });

test('a token brings back what it was made of', () => {
  expect(decodePageToken(encodePageToken({ after: '中文' }), position)).toEqual({ after: '中文' });
});

test.each(['', '%%%', 'abc', encodePageToken({ other: 1 }), encodePageToken(null)])(
  '%j is refused',
  (token) => {
    expect(() => decodePageToken(token, position)).toThrow(
      expect.objectContaining({ reason: 'PAGE_TOKEN_INVALID' }),
    );
  },
);

test('a page has 50 entries unless asked, and 200 at most', () => {
  expect([0, 1, 200, 201].map(pageSizeOf)).toEqual([50, 1, 200, 200]);
});
