import type { Bus } from '@im/common/bus/bus.ts';
import type { Database } from '@im/common/database/database.ts';
import type { CommittedRecord } from '@im/common/gen/im/bus/v1/record_pb.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { AfterCommit, Move } from '../lane/lanes.ts';
import { movePublished, type PartitionTable, readPartitions } from '../store/log-partition.ts';
import type { ChatSchema } from '../store/schema.ts';
import { readUnpublished } from './unpublished.ts';

/** How often what was left behind is looked for. Milliseconds. */
const SWEEP_MS = 1_000;
/** What another instance, or an earlier run, left unpublished for this long is published from the store. Milliseconds. */
const LEFT_BEHIND_MS = 5_000;
/** Changes published from the store in one round at most. */
const ROUND_CHANGES = 500;
/** Records waiting for the bus at most; beyond that they are left to the sweep. */
const MAX_WAITING_RECORDS = 20_000;

export interface Publisher extends AfterCommit {
  /** One look for what was left behind, now. */
  sweep(): Promise<void>;
  /** Publishes what waits and writes how far it got. */
  close(): Promise<void>;
}

/**
 * Carries committed records to the bus and keeps, per partition, up to which
 * change the bus has everything without a hole.
 */
export function createPublisher(options: {
  database: Database<ChatSchema>;
  bus: Bus;
  now: () => number;
  log: Logger;
}): Publisher {
  const { database, bus, now, log } = options;
  /** The bus has everything up to here; at least what the store says. */
  const taken = new Map<number, number>();
  /** Since when a partition's store has shown the same unpublished change. */
  const behind = new Map<number, { publishedNo: number; since: number }>();
  let waiting: { records: readonly CommittedRecord[]; moves: readonly Move[] }[] = [];
  let waitingRecords = 0;
  let running: Promise<void> | undefined;
  let sweeping: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      waitingRecords = 0;
      const records = batch.flatMap((each) => each.records);
      try {
        if (records.length > 0) await bus.publish(records);
        for (const { moves } of batch) moves.forEach(moveTaken);
      } catch (error) {
        log.warn({ err: error, records: records.length }, 'bus refuses; left to the sweep');
      }
    }
    running = undefined;
  }

  /** Only contiguously: a batch behind a hole is published again from the store. */
  function moveTaken({ partitionId, from, to }: Move): void {
    const upTo = taken.get(partitionId) ?? from;
    if (upTo >= from) taken.set(partitionId, Math.max(upTo, to));
  }

  async function sweepOnce(): Promise<void> {
    for (const row of await readPartitions(database.read)) {
      const upTo = taken.get(row.partition_id);
      if (upTo !== undefined && upTo > row.published_no) {
        await database.transaction((trx) => movePublished(trx, row.partition_id, row.published_no, upTo));
      } else if (row.published_no < row.change_no && leftBehind(row)) {
        await publishFromStore(row);
      }
    }
  }

  function leftBehind(row: PartitionTable): boolean {
    const seen = behind.get(row.partition_id);
    if (seen?.publishedNo === row.published_no) return now() - seen.since >= LEFT_BEHIND_MS;
    behind.set(row.partition_id, { publishedNo: row.published_no, since: now() });
    return false;
  }

  async function publishFromStore(row: PartitionTable): Promise<void> {
    const round = await database.snapshot((trx) => readUnpublished(trx, row, ROUND_CHANGES));
    await bus.publish(round.records);
    await database.transaction((trx) => movePublished(trx, row.partition_id, row.published_no, round.upTo));
    const upTo = Math.max(taken.get(row.partition_id) ?? 0, round.upTo);
    taken.set(row.partition_id, upTo);
    log.info(
      { partition: row.partition_id, changes: round.upTo - row.published_no },
      'published what was left behind',
    );
  }

  function sweep(): Promise<void> {
    sweeping ??= sweepOnce()
      .catch((error) => log.warn({ err: error }, 'sweep failed; the next one tries again'))
      .finally(() => {
        sweeping = undefined;
      });
    return sweeping;
  }

  const timer = setInterval(sweep, SWEEP_MS);
  return {
    publishedNo: (partition) => Math.max(partition.published_no, taken.get(partition.partition_id) ?? 0),
    committed(records, moves) {
      for (const move of moves) {
        // What the store says is published when this instance first writes there is where it starts from.
        if (!taken.has(move.partitionId)) taken.set(move.partitionId, move.publishedNo);
      }
      if (waitingRecords + records.length > MAX_WAITING_RECORDS) return;
      waiting.push({ records, moves });
      waitingRecords += records.length;
      running ??= Promise.resolve().then(run);
    },
    sweep,
    async close() {
      clearInterval(timer);
      await running;
      await sweeping;
      await sweep();
    },
  };
}
