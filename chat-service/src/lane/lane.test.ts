import { createLogger } from '@im/common/telemetry/log.ts';
import { untilTrue } from '@im/common/testing/until-true.ts';
import { expect, test } from 'vitest';
import { createLane, type RunBatch } from './lane.ts';
import type { LogRecord } from './log-record.ts';

const LARGE_BYTES = 1 << 20;
const LONG_MS = 20_000;

/** A lane on a store of which other instances hold partitions; no spare connection is ever free. */
function startLane() {
  const held = new Set<number>();
  const stored: string[] = [];
  const runBatch: RunBatch = async (waiting) =>
    waiting.map(({ partitionId, record }) => {
      if (held.has(partitionId)) return undefined;
      stored.push(record.conversationId);
      return { answer: stored.length };
    });
  const lane = createLane({
    runBatch,
    findStored: async () => undefined,
    spares: { take: () => false, giveBack() {} },
    metrics: { answered() {}, refused() {} },
    log: createLogger({ level: 'silent' }),
  });
  const submit = (name: string, partitionId: number, size = 100) =>
    lane.submit({ conversationId: name, size, needs: {}, apply: () => 0 } as LogRecord<unknown>, {
      partitionId,
      deadlineAt: performance.now() + LONG_MS,
    });
  return { held, stored, lane, submit };
}

test('partitions that are locked keep no other waiting, however large its records are', async () => {
  const { held, stored, lane, submit } = startLane();
  held.add(1);
  const waiting = submit('locked', 1);
  await submit('large', 2, LARGE_BYTES);
  expect(stored).toEqual(['large']);
  held.clear();
  await waiting;
  await lane.close();
});

test('what waits for a locked partition keeps its order, beside others and once it is free', async () => {
  const { held, stored, lane, submit } = startLane();
  held.add(1).add(2);
  const sends = [submit('x', 2, LARGE_BYTES), ...['a', 'b', 'c', 'd'].map((name) => submit(name, 1))];
  // More than one batch takes, and each of the locked ones was tried.
  for (let i = 0; i < 3; i++) await Promise.all(Array.from({ length: 600 }, (_, n) => submit(`${n}`, 3)));
  held.delete(1);
  await untilTrue(() => stored.includes('d'));
  held.clear();
  await Promise.all(sends);
  expect(stored.filter((name) => /[a-z]/.test(name))).toEqual(['a', 'b', 'c', 'd', 'x']);
  expect(stored.filter((name) => /\d/.test(name))).toEqual(
    Array.from({ length: 3 }, () => Array.from({ length: 600 }, (_, n) => `${n}`)).flat(),
  );
  await lane.close();
});
