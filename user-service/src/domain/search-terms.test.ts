import fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchQuery, searchTerms, termRange } from './search-terms.ts';

const finds = (query: string, person: { username: string | null; nickname: string }) => {
  const { from, to } = termRange(searchQuery(query));
  const bytes = (text: string) => Buffer.from(text);
  return searchTerms(person).some(
    (term) => bytes(term).compare(bytes(from)) >= 0 && bytes(term).compare(bytes(to)) <= 0,
  );
};

test.each(['LI', 'li_h', '小', '明', '王小明', ' 王 ', '阿'])('%j finds them', (query) => {
  expect(finds(query, { username: 'li_hua', nickname: '王小明 阿Q' })).toBe(true);
});

test.each(['hua', '%', '_', '王明', '\\'])('%j does not', (query) => {
  expect(finds(query, { username: 'li_hua', nickname: '王小明 阿Q' })).toBe(false);
});

test('every part of a nickname finds its owner', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.nat(),
      fc.nat(),
      (nickname, start, length) => {
        const folded = [...searchQuery(nickname)];
        const begin = start % Math.max(1, folded.length);
        const part = folded.slice(begin, begin + 1 + (length % 5)).join('');
        fc.pre(searchQuery(part) !== '' && searchQuery(part) === part);
        expect(finds(part, { username: null, nickname })).toBe(true);
      },
    ),
  );
});

test('a name that folding blows up has a bounded number of terms', () => {
  expect(searchTerms({ username: 'abc', nickname: 'ﷺ'.repeat(64) }).length).toBeLessThanOrEqual(65);
});
