import { expect, test } from 'vitest';
import { parseAvatarUrl } from './avatar-url.ts';

test.each(['', 'https://example.com/a.png?x=1#y', 'HTTP://example.com', 'https://例え.jp/写真'])(
  '%j is kept as written',
  (url) => {
    expect(parseAvatarUrl(url)).toBe(url);
  },
);

test.each([
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:image/png;base64,AA',
  'media:123',
  'file:///etc/passwd',
  '//example.com/a',
  'https://',
  'https://a b',
  ' https://example.com',
  'picture',
])('%j is refused', (url) => {
  expect(() => parseAvatarUrl(url)).toThrow(
    expect.objectContaining({ reason: 'INVALID_FIELD', metadata: { field: 'avatarUrl' } }),
  );
});
