import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testEngine } from '../testing/test-store.ts';
import { appendOutbox } from './outbox.ts';
import { makeOutboxDatabase, type OutboxDatabase } from './outbox-database.fixture.ts';

let box: OutboxDatabase;

beforeEach(async () => {
  box = await makeOutboxDatabase();
});

afterEach(() => box.remove());

test('versions are gapless per topic, whatever rolls back and however many write at once', async () => {
  const topic = fc.constantFrom('g:5', 's:1:2', 'n:9');
  const transaction = fc.record({ topics: fc.array(topic, { maxLength: 4 }), fails: fc.boolean() });
  const committed = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(transaction, { maxLength: 12 }), async (transactions) => {
      const results = await Promise.allSettled(
        transactions.map(({ topics, fails }) =>
          box.db.transaction(async (trx) => {
            const given = [];
            for (const name of topics) {
              given.push(await appendOutbox(trx, { topic: name, kind: 'x', payload: Buffer.of(1), at: 1 }));
            }
            if (fails) throw new Error('rolled back');
            return given;
          }),
        ),
      );
      const given = new Map<string, number[]>();
      for (const [i, result] of results.entries()) {
        expect(result.status).toBe(transactions[i]!.fails ? 'rejected' : 'fulfilled');
        if (result.status === 'rejected') continue;
        for (const { topic: name, version } of result.value) {
          given.set(name, [...(given.get(name) ?? []), version]);
        }
      }
      for (const [name, versions] of given) {
        const last = committed.get(name) ?? 0;
        // Where several write at once, the order of their commits is theirs.
        const inOrder = versions.toSorted((a, b) => a - b);
        expect(inOrder).toEqual(versions.map((_, i) => last + i + 1));
        committed.set(name, last + versions.length);
      }
      const rows = await box.unsent();
      const expected = [...committed].flatMap(([name, last]) =>
        Array.from({ length: last }, (_, i) => [name, i + 1]),
      );
      expect(rows.toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 30 },
  );
});

test('versions go on after a restart, also where the rows are gone', async () => {
  expect(await box.append('g:5')).toBe(1);
  await box.db.transaction((trx) => trx.deleteFrom('outbox').execute());
  await box.reopen();
  expect(await box.append('g:5')).toBe(2);
});

// MySQL plans by statistics, which an empty table has none of.
test.skipIf(testEngine() === 'mysql')(
  'what the relay asks all the time is answered by an index',
  async () => {
    for (const [query, index] of [
      [
        "select topic from outbox where sent_at is null and topic > 'a' order by topic limit 1",
        'outbox_unsent',
      ],
      [
        "select payload from outbox where sent_at is null and topic = 'a' and version > 1 order by version limit 9",
        'outbox_unsent',
      ],
      ['select created_at from outbox where sent_at is null order by created_at limit 1', 'outbox_age'],
    ] as const) {
      const { rows } = await sql.raw<{ detail: string }>(`explain query plan ${query}`).execute(box.db.read);
      const plan = rows.map((row) => row.detail).join();
      expect(plan).toContain(index);
      expect(plan).not.toContain('TEMP B-TREE');
    }
  },
);
