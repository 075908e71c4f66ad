import { setImmediate as nextTick } from 'node:timers/promises';
import { isTransient } from '@im/common/database/errors.ts';
import { ImError } from '@im/common/errors/im-error.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { TraceContext } from '@im/common/telemetry/traces.ts';
import { backoffMs, delay } from '@im/common/utils/wait.ts';
import type { LogMetrics } from '../metrics.ts';
import { createLockedPartitions } from './locked-partitions.ts';
import type { LogRecord } from './log-record.ts';
import { createOpenRecords } from './open-records.ts';
import type { SendGroup } from './send-group.ts';
import type { Spares } from './spares.ts';
import { answeredBefore, type Outcome, refuseTooLate, settle, type Waiting } from './waiting.ts';

/** A batch takes at most this many records … */
const MAX_RECORDS = 500;
/** … and about this many bytes. */
const MAX_BYTES = 1 << 20;
/** While a partition's record has been unanswered for longer than this, new ones are refused. Milliseconds. */
const MAX_WAIT_MS = 1_000;
/** How often it is looked whether a caller's time is up while the store keeps everybody waiting. Milliseconds. */
const DEADLINE_CHECK_MS = 50;
/** This long before its caller's deadline the store is asked whether a record got in after all. Milliseconds. */
const ASK_BEFORE_DEADLINE_MS = 200;
/** Before the next round where another instance held all partitions of the last one. Milliseconds. */
const ALL_LOCKED_PAUSE_MS = 5;
const RETRY = { firstMs: 20, mostMs: 500 };

/** What becomes of partitions that another instance has locked: they are left out, or waited for for a second. */
export type WhenLocked = 'leave out' | 'wait';

/**
 * How a lane's batches are run. Returns, after COMMIT, each record's answer or
 * refusal, in order; undefined for those whose partition was left out.
 */
export type RunBatch = (
  waiting: readonly Waiting[],
  whenLocked: WhenLocked,
) => Promise<(Outcome | undefined)[]>;

export interface Lane {
  /** Resolves with the record's answer after its COMMIT. */
  submit<Answer>(
    record: LogRecord<Answer>,
    options: {
      partitionId: number;
      deadlineAt: number;
      group?: SendGroup | undefined;
      signal?: AbortSignal | undefined;
      trace?: TraceContext | undefined;
    },
  ): Promise<Answer>;
  /** When its oldest unanswered record arrived, on the clock of performance.now(). */
  oldestArrival(): number | undefined;
  /** Refuses what comes from now on and resolves when the rest is done. */
  close(): Promise<void>;
}

/**
 * Runs one transaction at a time on all that is waiting: no timer, the time a
 * transaction takes collects the next batch. Partitions that another instance
 * holds do not hold up the others.
 */
export function createLane(options: {
  runBatch: RunBatch;
  /** Whether a record whose COMMIT is in doubt is stored, and its answer then. */
  findStored: (record: LogRecord<unknown>) => Promise<{ answer: unknown } | undefined>;
  spares: Spares;
  metrics: Pick<LogMetrics, 'answered' | 'refused'>;
  log: Logger;
}): Lane {
  const { metrics } = options;
  let waiting: Waiting[] = [];
  /** Everything that is not answered yet, the batch in the store included. */
  const open = createOpenRecords();
  const locked = createLockedPartitions({
    spares: options.spares,
    wait: runWhenUnlocked,
    giveBack(queue) {
      waiting = [...queue, ...waiting];
      wake();
    },
  });
  let running: Promise<void> | undefined;
  let clock: NodeJS.Timeout | undefined;
  let closed = false;

  function wake(): void {
    if (waiting.length > 0) running ??= Promise.resolve().then(run);
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      waiting = locked.setAside(waiting);
      const batch = takeBatch();
      if (batch.length === 0) break;
      const leftOut = await runOnce(batch);
      locked.tried(batch, leftOut);
      if (leftOut.length > 0) waiting = [...leftOut, ...waiting];
      // Lets the sockets be read, so that the next batch is as large as the load.
      await (leftOut.length === batch.length ? delay(ALL_LOCKED_PAUSE_MS) : nextTick());
    }
    running = undefined;
  }

  /** A store that hangs must not keep a caller beyond the deadline: what is in it then is unknown. */
  function lookAtDeadlines(): void {
    const now = performance.now();
    for (const each of open.all()) {
      if (each.deadlineAt <= now) refuseTooLate(each);
      else if (each.deadlineAt <= now + ASK_BEFORE_DEADLINE_MS && locked.has(each.partitionId)) {
        void askStore(each);
      }
    }
    if (open.isEmpty()) {
      clearInterval(clock);
      clock = undefined;
    }
  }

  /**
   * Of a partition that was left out only the first record is taken, to see
   * whether it can be had again: always, and beside the others' batch, so that
   * neither keeps the other waiting. What stays keeps its order.
   */
  function takeBatch(): Waiting[] {
    if (!locked.any()) {
      const count = fitting(waiting);
      const batch = waiting.slice(0, count);
      waiting = waiting.slice(count);
      return batch;
    }
    const probes = new Map<number, Waiting>();
    const open: Waiting[] = [];
    for (const each of waiting) {
      if (!locked.has(each.partitionId)) open.push(each);
      else if (!probes.has(each.partitionId)) probes.set(each.partitionId, each);
    }
    const batch = [...probes.values(), ...open.slice(0, fitting(open))];
    const taken = new Set(batch);
    waiting = waiting.filter((each) => !taken.has(each));
    return batch;
  }

  /** Runs a batch until each record is answered; gives those whose partition was left out. */
  async function runOnce(batch: Waiting[]): Promise<Waiting[]> {
    let left = batch;
    for (let attempt = 0; left.length > 0; attempt += 1) {
      left = left.filter((each) => !answeredBefore(each));
      if (left.length === 0) break;
      try {
        return settle(left, await options.runBatch(left, 'leave out'));
      } catch (error) {
        if (!isTransient(error)) return runSingly(left, error);
        options.log.warn({ err: error, records: left.length }, 'store error, trying again');
        const pause = backoffMs(attempt, RETRY);
        left = await giveUpLate(left, pause);
        await delay(pause);
      }
    }
    return [];
  }

  /** Refused is only the record that fails; the others must not suffer for it. */
  async function runSingly(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    const [only, ...others] = batch;
    if (only && others.length === 0) {
      options.log.error({ err: error, conversationId: only.record.conversationId }, 'a record was refused');
      only.group?.refuse();
      only.reject(error);
      return [];
    }
    options.log.warn({ err: error, records: batch.length }, 'a batch failed; its records run one by one');
    const leftOut: Waiting[] = [];
    for (const each of batch) {
      // Behind one that was left out its partition's order is kept.
      const behind = leftOut.some(({ partitionId }) => partitionId === each.partitionId);
      leftOut.push(...(behind ? [each] : await runOnce([each])));
    }
    return leftOut;
  }

  /** One attempt on a spare connection, waiting for the lock; what fails there is the lane's again. */
  async function runWhenUnlocked(queue: Waiting[]): Promise<Waiting[]> {
    const live = queue.filter((each) => !answeredBefore(each));
    if (live.length === 0) return [];
    const batch = live.slice(0, fitting(live));
    try {
      settle(batch, await options.runBatch(batch, 'wait'));
      return live.slice(batch.length);
    } catch (error) {
      const { partitionId } = batch[0]!;
      options.log.warn(
        { err: error, partition: partitionId },
        'a partition stays locked by another instance',
      );
      return live;
    }
  }

  /** Those that can still wait; the others are answered from the store, or refused as unknown. */
  async function giveUpLate(batch: Waiting[], pauseMs: number): Promise<Waiting[]> {
    const limit = performance.now() + pauseMs + ASK_BEFORE_DEADLINE_MS;
    const late = batch.filter((each) => each.deadlineAt <= limit);
    await Promise.all(
      late.map(async (each) => {
        await askStore(each);
        if (each.answered) return;
        each.group?.refuse();
        each.reject(new ImError('STORE_AWAY', 'the store does not answer; send again with the same id'));
      }),
    );
    return batch.filter((each) => each.deadlineAt > limit);
  }

  /** Answers a record that is stored already, by an unknown COMMIT or another instance. Asks once. */
  async function askStore(each: Waiting): Promise<void> {
    if (open.isAsked(each)) return;
    open.markAsked(each);
    const stored = await options.findStored(each.record).catch(() => undefined);
    if (stored) each.resolve(stored.answer);
  }

  function refuseNew(group: SendGroup | undefined, error: ImError): Promise<never> {
    group?.refuse();
    metrics.refused(error);
    return Promise.reject(error);
  }

  return {
    submit(record, { partitionId, deadlineAt, group, signal, trace }) {
      const now = performance.now();
      const oldest = open.oldestOf(partitionId);
      if (closed) return refuseNew(group, new ImError('SHUTTING_DOWN', 'this instance is stopping'));
      if (oldest && now - oldest.arrivedAt > MAX_WAIT_MS) {
        return refuseNew(group, new ImError('OVERLOADED', 'too much is waiting', { retryAfterMs: '1000' }));
      }
      return new Promise<unknown>((resolve, reject) => {
        const each: Waiting = {
          record,
          partitionId,
          deadlineAt,
          arrivedAt: now,
          group,
          signal,
          trace,
          get answered() {
            return !open.has(each);
          },
          resolve(answer) {
            if (open.delete(each)) metrics.answered();
            resolve(answer);
          },
          reject(error) {
            if (open.delete(each)) metrics.refused(error);
            reject(error);
          },
        };
        open.add(each);
        waiting.push(each);
        clock ??= setInterval(lookAtDeadlines, DEADLINE_CHECK_MS);
        wake();
      }) as Promise<never>;
    },
    oldestArrival: open.oldestArrival,
    async close() {
      closed = true;
      await open.whenEmpty();
      await running;
      clearInterval(clock);
    },
  };
}

/** How many records of a queue make a batch. */
function fitting(queue: readonly Waiting[]): number {
  let bytes = 0;
  let count = 0;
  for (const { record } of queue) {
    if (count === MAX_RECORDS || (count > 0 && bytes + record.size > MAX_BYTES)) break;
    bytes += record.size;
    count += 1;
  }
  return count;
}
