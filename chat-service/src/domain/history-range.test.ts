import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HistoryRequest, historyRange } from './history-range.ts';

/** Of a conversation whose seqs 5 to 100 are visible. */
function range(request: HistoryRequest) {
  const { fromSeq, toSeq } = historyRange(request, 5, 100);
  return [fromSeq, toSeq];
}

test.each<[string, HistoryRequest, [number, number]]>([
  ['both ends are included', { fromSeq: 10, toSeq: 20 }, [10, 20]],
  ['a long range is cut at its upper end', { fromSeq: 10, toSeq: 90, limit: 5 }, [10, 14]],
  ['the default limit is 50', { fromSeq: 10, toSeq: 90 }, [10, 59]],
  ['without an upper end it goes up to the limit', { fromSeq: 97, limit: 10 }, [97, 100]],
  ['nothing above the head is covered', { fromSeq: 99, toSeq: 500 }, [99, 100]],
  ['what lies below the first visible is covered', { fromSeq: 1, toSeq: 10 }, [1, 10]],
  ['and does not count for the limit', { fromSeq: 1, toSeq: 90, limit: 3 }, [1, 7]],
  ['also when nothing else was asked for', { fromSeq: 1, toSeq: 3 }, [1, 3]],
  ['nothing asked for: the newest', { limit: 10 }, [91, 100]],
  ['beforeSeq is not included', { beforeSeq: 50, limit: 10 }, [40, 49]],
  ['down to the first visible', { beforeSeq: 8, limit: 10 }, [5, 7]],
  ['below it there is nothing, and that is said', { beforeSeq: 5, limit: 10 }, [1, 4]],
  ['beforeSeq above the head is the newest', { beforeSeq: 1_000, limit: 10 }, [91, 100]],
  ['only toSeq: the newest up to it', { toSeq: 20, limit: 10 }, [11, 20]],
  ['fromSeq with beforeSeq', { fromSeq: 10, beforeSeq: 12 }, [10, 11]],
])('%s', (_, request, expected) => {
  expect(range(request)).toEqual(expected);
});

test('a range above the head covers nothing', () => {
  const [fromSeq, toSeq] = range({ fromSeq: 101, toSeq: 110 });
  expect(fromSeq).toBeGreaterThan(toSeq!);
});

test('asking again behind what was covered gets through any conversation', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.nat(60),
      fc.integer({ min: 1, max: 9 }),
      (first, head, limit) => {
        const seen = new Set<number>();
        for (let fromSeq = 1; fromSeq <= head; ) {
          const page = historyRange({ fromSeq, limit }, first, head);
          expect(page.fromSeq).toBe(fromSeq);
          expect(page.toSeq).toBeGreaterThanOrEqual(fromSeq);
          for (let seq = page.visibleFromSeq; seq <= page.toSeq; seq++) seen.add(seq);
          fromSeq = page.toSeq + 1;
        }
        expect(seen.size).toBe(Math.max(0, head - first + 1));
      },
    ),
  );
});

test('and so does asking below what was covered', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.nat(60),
      fc.integer({ min: 1, max: 9 }),
      (first, head, limit) => {
        let seen = 0;
        let beforeSeq = head + 1;
        while (beforeSeq > 1) {
          const page = historyRange({ beforeSeq, limit }, first, head);
          expect(page.toSeq).toBe(beforeSeq - 1);
          seen += Math.max(0, page.toSeq - page.visibleFromSeq + 1);
          beforeSeq = page.fromSeq;
        }
        expect(seen).toBe(Math.max(0, head - first + 1));
      },
    ),
  );
});
