import type { RecordTraces } from '@im/common/bus/bus.ts';
import type { Database } from '@im/common/database/database.ts';
import { ImError } from '@im/common/errors/im-error.ts';
import type { CommittedRecord } from '@im/common/gen/im/bus/v1/record_pb.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { TraceContext } from '@im/common/telemetry/traces.ts';
import { partitionOf } from '@im/common/utils/murmur2.ts';
import type { LogMetrics } from '../metrics.ts';
import {
  lockPartitions,
  type PartitionTable,
  readPartitionsOf,
  waitForPartitions,
} from '../store/log-partition.ts';
import type { ChatSchema } from '../store/schema.ts';
import type { Accounts } from './accounts.ts';
import type { Batch } from './batch.ts';
import { type CachedHeads, createCachedHeads } from './cached-heads.ts';
import { createLane, type WhenLocked } from './lane.ts';
import { loadBatch } from './load-batch.ts';
import type { LogRecord } from './log-record.ts';
import type { SendGroup } from './send-group.ts';
import { createSpares } from './spares.ts';
import { storeBatch } from './store-batch.ts';
import type { Outcome, Waiting } from './waiting.ts';

export interface Lanes {
  submit<Answer>(
    record: LogRecord<Answer>,
    options: {
      deadlineAt: number;
      group?: SendGroup;
      /** Of the call; what its caller has left behind is not stored any more. */
      signal?: AbortSignal;
      trace?: TraceContext | undefined;
    },
  ): Promise<Answer>;
  /** How long the oldest record that nobody has been answered waits, in milliseconds; 0 where none waits. */
  oldestWaitingMs(): number;
  close(): Promise<void>;
}

/** A partition's part of a committed batch: its change_no before and after. */
export interface Move {
  readonly partitionId: number;
  readonly from: number;
  readonly to: number;
  /** Up to where the store said it was published, when the batch began. */
  readonly publishedNo: number;
}

/** What the send path hands on after COMMIT. */
export interface AfterCommit {
  /** The highest change_no that the bus has taken, per partition of this batch; written with the batch. */
  publishedNo(partition: PartitionTable): number;
  /** `traces`: of those whose callers are traced. */
  committed(records: readonly CommittedRecord[], moves: readonly Move[], traces: RecordTraces): void;
}

/**
 * The send path: every record that is written to a conversation goes through
 * the lane of its partition, in one transaction with all that waits there.
 */
export function createLanes(options: {
  database: Database<ChatSchema>;
  partitions: number;
  laneCount: number;
  largeGroupMembers: number;
  accounts: Accounts;
  afterCommit: AfterCommit;
  now: () => number;
  metrics: LogMetrics;
  log: Logger;
}): Lanes {
  const { database, accounts, afterCommit, now, metrics, largeGroupMembers } = options;
  const heads = createCachedHeads();
  const partitionOfId = (conversationId: string) => partitionOf(conversationId, options.partitions);
  const tools = { heads, accounts, partitionOf: partitionOfId, largeGroupMembers };

  async function runBatch(
    waiting: readonly Waiting[],
    whenLocked: WhenLocked,
  ): Promise<(Outcome | undefined)[]> {
    const partitionIds = [...new Set(waiting.map((each) => each.partitionId))];
    const lock = whenLocked === 'wait' ? waitForPartitions : lockPartitions;
    const begunAt = performance.now();
    let result:
      | { batch: Batch; outcomes: (Outcome | undefined)[]; moves: Move[]; traces: RecordTraces }
      | undefined;
    try {
      // Once: the lane itself tries again, with caches that are dropped first.
      result = await database.transaction(
        async (trx) => {
          const partitions = await lock(trx, partitionIds);
          if (partitions.length === 0) return undefined;
          const held = new Set(partitions.map((row) => row.partition_id));
          const runs = stillWanted(waiting, held);
          const records = waiting.flatMap((each, i) => (runs[i] ? [each.record] : []));
          const batch = await loadBatch(trx, partitions, records, now(), tools);
          const traces = new Map<CommittedRecord, TraceContext>();
          const outcomes = waiting.map((each, i) => (runs[i] ? applyTraced(each, batch, traces) : undefined));
          const moves = partitions
            .filter((row) => batch.changedPartitions.has(row.partition_id))
            .map((row) => movedPartition(row, batch, afterCommit));
          if (moves.length > 0) await storeBatch(trx, batch);
          return { batch, outcomes, moves, traces };
        },
        { once: true },
      );
    } catch (error) {
      // Whether it was committed is not known: nothing remembered may be believed.
      heads.drop(partitionIds);
      metrics.failed();
      throw error;
    }
    if (result === undefined) return waiting.map(() => undefined);
    adopt(result.batch, heads, accounts);
    metrics.committed(
      result.outcomes.filter((outcome) => outcome !== undefined).length,
      performance.now() - begunAt,
    );
    afterCommit.committed(result.batch.committed, result.moves, result.traces);
    return result.outcomes;
  }

  async function findStored(record: LogRecord<unknown>): Promise<{ answer: unknown } | undefined> {
    if (!record.needs.key) return undefined;
    const answer = await database.snapshot(async (trx) => {
      // Without the lock, which may be held by whoever makes it doubtful.
      const partitions = await readPartitionsOf(trx, [partitionOfId(record.conversationId)]);
      // Heads of its own: this picture is not a lane's, so it must not feed a lane's cache.
      const batch = await loadBatch(trx, partitions, [record], now(), {
        ...tools,
        heads: createCachedHeads(),
      });
      return batch.key(record.needs.key!) ? { answer: record.apply(batch) } : undefined;
    });
    return answer;
  }

  // A service has other transactions too: two connections are left to them.
  const spares = createSpares(database.writers - options.laneCount - 2);
  const lanes = Array.from({ length: options.laneCount }, () =>
    createLane({ runBatch, findStored, spares, metrics, log: options.log }),
  );
  return {
    submit(record, { deadlineAt, group, signal, trace }) {
      const partitionId = partitionOfId(record.conversationId);
      const options = { partitionId, deadlineAt, group, signal, trace };
      return lanes[partitionId % lanes.length]!.submit(record, options);
    },
    oldestWaitingMs() {
      const arrivals = lanes.flatMap((lane) => lane.oldestArrival() ?? []);
      return arrivals.length === 0 ? 0 : performance.now() - Math.min(...arrivals);
    },
    close: async () => void (await Promise.all(lanes.map((lane) => lane.close()))),
  };
}

/**
 * Which of the records are run: those of held partitions, except what came too
 * late while the lock was waited for or whose caller has gone, which is not
 * stored behind their backs, and what stands behind that in its group. A caller
 * who has gone may have been refused for good by the instance that had the lock
 * before.
 */
function stillWanted(waiting: readonly Waiting[], held: ReadonlySet<number>): boolean[] {
  const stopped = new Set<SendGroup>();
  const now = performance.now();
  return waiting.map(({ partitionId, answered, deadlineAt, group, signal }) => {
    const gone = answered || deadlineAt <= now || signal?.aborted === true;
    if (gone && group) stopped.add(group);
    return held.has(partitionId) && !gone && !(group && stopped.has(group));
  });
}

/** What a batch did to a partition; its row takes along how far the bus has come. */
function movedPartition(before: PartitionTable, batch: Batch, afterCommit: AfterCommit): Move {
  const after = batch.partitions.get(before.partition_id)!;
  after.published_no = afterCommit.publishedNo(before);
  return {
    partitionId: before.partition_id,
    from: before.change_no,
    to: after.change_no,
    publishedNo: before.published_no,
  };
}

/** Notes what the record commits as part of its caller's trace. */
function applyTraced(
  { record, trace }: Waiting,
  batch: Batch,
  traces: Map<CommittedRecord, TraceContext>,
): Outcome {
  const before = batch.committed.length;
  const outcome = applyRecord(record, batch);
  if (trace) for (let i = before; i < batch.committed.length; i += 1) traces.set(batch.committed[i]!, trace);
  return outcome;
}

/** A refusal is an answer like others; anything else is a fault of ours and undoes the batch. */
function applyRecord(record: LogRecord<unknown>, batch: Batch): Outcome {
  try {
    return { answer: record.apply(batch) };
  } catch (error) {
    if (error instanceof ImError) return { refused: error };
    throw error;
  }
}

function adopt(batch: Batch, heads: CachedHeads, accounts: Accounts): void {
  const states = [...batch.drafts()]
    .filter((draft) => !draft.isNew || draft.rowChanged)
    .map((draft) => draft.adopt());
  const byPartition = Map.groupBy(states, (state) => state.row.partition_id);
  for (const partition of batch.partitions.values()) {
    heads.adopt(partition, byPartition.get(partition.partition_id) ?? []);
  }
  for (const uid of batch.changedAccounts) accounts.forget(uid);
}
