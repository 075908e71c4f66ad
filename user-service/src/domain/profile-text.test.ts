import { expect, test } from 'vitest';
import { defaultNickname, parseNickname } from './profile-text.ts';

test('a nickname is kept as written', () => {
  expect(parseNickname(' 小 明 😀 ')).toBe(' 小 明 😀 ');
});

test.each([' ', '\u3000', 'a\nb', 'a\u0000', '\ud800'])('%j is no nickname', (given) => {
  expect(() => parseNickname(given)).toThrow(
    expect.objectContaining({ reason: 'INVALID_FIELD', metadata: { field: 'nickname' } }),
  );
});

test('who chose none is shown by the name they registered with, username, external id', () => {
  expect(defaultNickname({ given: 'Alice', username: 'alice', externalId: null })).toBe('Alice');
  expect(defaultNickname({ given: 'x'.repeat(65), username: 'alice', externalId: 'e' })).toBe('alice');
  expect(defaultNickname({ username: null, externalId: '店'.repeat(100) })).toBe('店'.repeat(64));
  expect(defaultNickname({ username: null, externalId: null })).toBe('User');
});
