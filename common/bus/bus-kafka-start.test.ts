import { expect, test } from 'vitest';
import { type StartFacts, startOf } from './bus-kafka-start.ts';

const facts = { own: undefined, committed: undefined, earliest: 100n, latest: 200n, recreated: false };

test.each<[string, Partial<StartFacts>, bigint, boolean]>([
  ['a group that stopped somewhere goes on there', { committed: 150n }, 150n, false],
  ['at the very end', { committed: 200n }, 200n, false],
  ['at the very beginning', { committed: 100n }, 100n, false],
  ['one that nobody was in begins at the end', {}, 200n, true],
  ['what Kafka has thrown away is skipped', { committed: 99n }, 100n, true],
  ['an end that Kafka has lost is gone back to', { committed: 201n }, 200n, true],
  [
    'one that kept its partition knows better than what it told Kafka',
    { own: 170n, committed: 150n },
    170n,
    false,
  ],
  [
    'another topic of the name is read from its beginning',
    { own: 150n, committed: 150n, recreated: true },
    100n,
    true,
  ],
  ['also where it never told Kafka', { recreated: true }, 100n, true],
])('%s', (_, given, next, gap) => {
  expect(startOf({ ...facts, ...given })).toEqual({ next, gap });
});
