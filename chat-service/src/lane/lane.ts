import { setImmediate as nextTick } from 'node:timers/promises';
import { isTransient } from '@im/common/database/errors.ts';
import { ImError } from '@im/common/errors/im-error.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { backoffMs, delay } from '@im/common/utils/wait.ts';
import type { LogRecord } from './log-record.ts';
import type { SendGroup } from './send-group.ts';
import { type Outcome, refusedBefore, refuseTooLate, settle, type Waiting } from './waiting.ts';

/** A batch takes at most this many records … */
const MAX_RECORDS = 500;
/** … and about this many bytes. */
const MAX_BYTES = 1 << 20;
/** While a record has been unanswered for longer than this, new ones are refused. Milliseconds. */
const MAX_WAIT_MS = 1_000;
/** How often it is looked whether a caller's time is up while the store keeps everybody waiting. Milliseconds. */
const DEADLINE_CHECK_MS = 50;
/** This long before its caller's deadline the store is asked whether a record got in after all. Milliseconds. */
const ASK_BEFORE_DEADLINE_MS = 200;
const RETRY = { firstMs: 20, mostMs: 500 };

/** How a lane's batches are run. Returns, after COMMIT, each record's answer or refusal, in order. */
export type RunBatch = (waiting: readonly Waiting[]) => Promise<Outcome[]>;

export interface Lane {
  /** Resolves with the record's answer after its COMMIT. */
  submit<Answer>(
    record: LogRecord<Answer>,
    options: { deadlineAt: number; group?: SendGroup },
  ): Promise<Answer>;
  /** Refuses what comes from now on and resolves when the rest is done. */
  close(): Promise<void>;
}

/**
 * Runs one transaction at a time on all that is waiting: no timer, the time a
 * transaction takes collects the next batch.
 */
export function createLane(options: {
  runBatch: RunBatch;
  /** Whether a record whose COMMIT is in doubt is stored, and its answer then. */
  findStored: (record: LogRecord<unknown>) => Promise<{ answer: unknown } | undefined>;
  log: Logger;
}): Lane {
  let waiting: Waiting[] = [];
  /** Everything that is not answered yet, the batch in the store included; oldest first. */
  const open = new Set<Waiting>();
  let running: Promise<void> | undefined;
  let closed = false;

  async function run(): Promise<void> {
    const clock = setInterval(refuseLate, DEADLINE_CHECK_MS);
    while (waiting.length > 0) {
      await runOnce(takeBatch());
      // Lets the sockets be read, so that the next batch is as large as the load.
      await nextTick();
    }
    clearInterval(clock);
    running = undefined;
  }

  /** A store that hangs must not keep a caller beyond the deadline: what is in it then is unknown. */
  function refuseLate(): void {
    const now = performance.now();
    for (const each of open) if (each.deadlineAt <= now) refuseTooLate(each);
  }

  function takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { record } of waiting) {
      if (count === MAX_RECORDS || (count > 0 && bytes + record.size > MAX_BYTES)) break;
      bytes += record.size;
      count += 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  async function runOnce(batch: Waiting[]): Promise<void> {
    let left = batch;
    for (let attempt = 0; left.length > 0; attempt += 1) {
      left = left.filter((each) => !refusedBefore(each));
      if (left.length === 0) return;
      try {
        settle(left, await options.runBatch(left));
        return;
      } catch (error) {
        if (!isTransient(error)) {
          await runSingly(left, error);
          return;
        }
        options.log.warn({ err: error, records: left.length }, 'store error, trying again');
        const pause = backoffMs(attempt, RETRY);
        left = await giveUpLate(left, pause);
        await delay(pause);
      }
    }
  }

  /** Refused is only the record that fails; the others must not suffer for it. */
  async function runSingly(batch: Waiting[], error: unknown): Promise<void> {
    const [only, ...others] = batch;
    if (only && others.length === 0) {
      options.log.error({ err: error, conversationId: only.record.conversationId }, 'a record was refused');
      only.group?.refuse();
      only.reject(error);
      return;
    }
    options.log.warn({ err: error, records: batch.length }, 'a batch failed; its records run one by one');
    for (const each of batch) await runOnce([each]);
  }

  /** Those that can still wait; the others are answered from the store, or refused as unknown. */
  async function giveUpLate(batch: Waiting[], pauseMs: number): Promise<Waiting[]> {
    const limit = performance.now() + pauseMs + ASK_BEFORE_DEADLINE_MS;
    const late = batch.filter((each) => each.deadlineAt <= limit);
    for (const each of late) {
      const stored = await options.findStored(each.record).catch(() => undefined);
      if (stored) {
        each.resolve(stored.answer);
        continue;
      }
      each.group?.refuse();
      each.reject(new ImError('STORE_AWAY', 'the store does not answer; send again with the same id'));
    }
    return batch.filter((each) => each.deadlineAt > limit);
  }

  return {
    submit(record, { deadlineAt, group }) {
      const now = performance.now();
      const [oldest] = open;
      if (closed) return refuse(group, new ImError('SHUTTING_DOWN', 'this instance is stopping'));
      if (oldest && now - oldest.arrivedAt > MAX_WAIT_MS) {
        return refuse(group, new ImError('OVERLOADED', 'too much is waiting', { retryAfterMs: '1000' }));
      }
      return new Promise<unknown>((resolve, reject) => {
        const each: Waiting = {
          record,
          deadlineAt,
          arrivedAt: now,
          group,
          resolve(answer) {
            open.delete(each);
            resolve(answer);
          },
          reject(error) {
            open.delete(each);
            reject(error);
          },
        };
        open.add(each);
        waiting.push(each);
        running ??= Promise.resolve().then(run);
      }) as Promise<never>;
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

function refuse(group: SendGroup | undefined, error: ImError): Promise<never> {
  group?.refuse();
  return Promise.reject(error);
}
