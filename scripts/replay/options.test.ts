import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('a file alone is replayed whole, 200 dialogues at a time, to a server of its own', () => {
  expect(readOptions(['some.jsonl'])).toEqual({
    file: 'some.jsonl',
    limit: Number.POSITIVE_INFINITY,
    concurrency: 200,
    kills: 0,
    server: undefined,
  });
});

test.each([
  [[], 'name one file'],
  [['a', 'b'], 'name one file'],
  [['a', '--kills', '1.5'], '--kills'],
  [['a', '--concurrency', '0'], '--concurrency'],
  [
    ['a', '--url', 'http://localhost', '--api-key-file', 'k', '--kills', '1'],
    '--kills needs a server of its own',
  ],
  [['a', '--url', 'http://localhost'], 'belong together'],
  [['a', '--nonsense'], '--nonsense'],
])('%j is refused', (args, why) => {
  expect(() => readOptions(args)).toThrow(why);
});
