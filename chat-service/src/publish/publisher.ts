import type { Bus, RecordTraces } from '@im/common/bus/bus.ts';
import type { Database } from '@im/common/database/database.ts';
import type { CommittedRecord } from '@im/common/gen/im/bus/v1/record_pb.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { AfterCommit, Move } from '../lane/lanes.ts';
import {
  lockPartitions,
  movePublished,
  type PartitionTable,
  readPartitions,
} from '../store/log-partition.ts';
import type { ChatSchema } from '../store/schema.ts';
import { createTakenRanges } from './taken-ranges.ts';
import { readUnpublished } from './unpublished.ts';

/** How often what was left behind is looked for. Milliseconds. */
const SWEEP_MS = 1_000;
/** What another instance, or an earlier run, left unpublished for this long is published from the store. Milliseconds. */
const LEFT_BEHIND_MS = 5_000;
/** Changes published from the store in one round at most. */
const ROUND_CHANGES = 500;
/** Records waiting for the bus at most; beyond that they are left to the sweep. */
const MAX_WAITING_RECORDS = 20_000;
/** A bus that refuses for longer is not asked by commits any more, only by the sweep. Milliseconds. */
const ASKED_FOR_MS = 2_000;

export interface Publisher extends AfterCommit {
  /** Changes in the store that the bus was not known to have at the last look. */
  unpublishedChanges(): number;
  /** One look for what was left behind, now. */
  sweep(): Promise<void>;
  /** Publishes what waits and writes how far it got. */
  close(): Promise<void>;
}

/**
 * Carries committed records to the bus and keeps, per partition, up to which
 * change the bus has everything without a hole.
 *
 * Records that the bus does not take go straight to the devices that are there,
 * and are left to the sweep of the instance that their partition prefers: so
 * they come again, by the bus, for caches and for whoever else follows it.
 */
export function createPublisher(options: {
  database: Database<ChatSchema>;
  bus: Bus;
  /** Shows records to the devices that are there, past the bus. */
  pushDirectly: (records: readonly CommittedRecord[]) => Promise<void>;
  /** Has all devices sync that are there: records are not shown to them. */
  showLoss: () => void;
  /** Whether this instance is the one that publishes what others left in a partition. */
  isPreferred?: (partitionId: number) => boolean;
  now: () => number;
  log: Logger;
}): Publisher {
  const { database, bus, pushDirectly, showLoss, isPreferred = () => true, now, log } = options;
  const taken = createTakenRanges();
  /** Since when a partition's store has shown the same unpublished change. */
  const behind = new Map<number, { publishedNo: number; since: number }>();
  let waiting: {
    records: readonly CommittedRecord[];
    moves: readonly Move[];
    traces: RecordTraces;
  }[] = [];
  let waitingRecords = 0;
  let running: Promise<void> | undefined;
  let sweeping: Promise<void> | undefined;
  let unpublished = 0;

  /** Since when the bus refuses, and a record that it refused. */
  let refusal: { since: number; probe: CommittedRecord } | undefined;

  // Absolute, so that a clock set back does not keep the bus away for longer.
  const isAway = () => refusal !== undefined && Math.abs(now() - refusal.since) > ASKED_FOR_MS;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      waitingRecords = 0;
      const records = batch.flatMap((each) => each.records);
      if (!(await carry(records, tracesOf(batch)))) continue;
      for (const move of batch.flatMap((each) => each.moves)) {
        taken.take(move.partitionId, move.from, move.to);
      }
    }
    running = undefined;
  }

  /** To the bus; where it does not take them, to the devices. Whether the bus has them. */
  async function carry(
    records: readonly CommittedRecord[],
    traces: RecordTraces | undefined,
  ): Promise<boolean> {
    if (records.length === 0) return true;
    try {
      if (!isAway()) {
        await publish(records, traces);
        return true;
      }
    } catch (error) {
      log.warn({ err: error, records: records.length }, 'bus refuses; left to the sweep');
    }
    try {
      await pushDirectly(records);
    } catch (error) {
      log.error({ err: error, records: records.length }, 'not pushed past the bus; left to the sweep');
    }
    return false;
  }

  async function publish(records: readonly CommittedRecord[], traces?: RecordTraces): Promise<void> {
    const begunAt = now();
    try {
      await bus.publish(records, traces);
    } catch (error) {
      refusal ??= { since: begunAt, probe: records[0]! };
      throw error;
    }
    if (refusal) log.info({ refusedForMs: Math.abs(now() - refusal.since) }, 'bus takes records again');
    refusal = undefined;
  }

  async function sweepOnce(): Promise<void> {
    const rows = await readPartitions(database.read);
    for (const row of rows) taken.atLeast(row.partition_id, row.published_no);
    unpublished = rows
      .map((row) => Math.max(0, row.change_no - taken.upTo(row.partition_id)!))
      .reduce((sum, count) => sum + count, 0);
    await writePublished(rows);
    const left = rows.filter(leftBehind).filter((row) => isPreferred(row.partition_id));
    // An instance that has nothing to publish must find out too, and what is left may be much.
    if (refusal) await publish([refusal.probe]);
    for (const row of left) await publishFromStore(row);
  }

  /** Writes how far the bus has come where no batch of this instance has taken it along. */
  async function writePublished(rows: readonly PartitionTable[]): Promise<void> {
    const moved = rows.filter((row) => taken.upTo(row.partition_id)! > row.published_no);
    if (moved.length === 0) return;
    await database.transaction(async (trx) => {
      // Who is writing a partition takes it along; waiting for one would keep the others from their writers.
      const free = await lockPartitions(
        trx,
        moved.map((row) => row.partition_id),
      );
      const ids = new Set(free.map((row) => row.partition_id));
      for (const row of moved) {
        if (!ids.has(row.partition_id)) continue;
        await movePublished(trx, row.partition_id, row.published_no, taken.upTo(row.partition_id)!);
      }
    });
  }

  function leftBehind(row: PartitionTable): boolean {
    if (taken.upTo(row.partition_id)! >= row.change_no) {
      behind.delete(row.partition_id);
      return false;
    }
    const seen = behind.get(row.partition_id);
    // Absolute, so that a clock set back does not leave it behind for longer.
    if (seen?.publishedNo === row.published_no) return Math.abs(now() - seen.since) >= LEFT_BEHIND_MS;
    behind.set(row.partition_id, { publishedNo: row.published_no, since: now() });
    return false;
  }

  /** One round, up to where this instance itself has published again. */
  async function publishFromStore(row: PartitionTable): Promise<void> {
    const changeNo = taken.holeEnd(row.partition_id) ?? row.change_no;
    const missing = { ...row, change_no: changeNo };
    const round = await database.snapshot((trx) => readUnpublished(trx, missing, ROUND_CHANGES));
    if (round.records.length > 0) await publish(round.records);
    taken.atLeast(row.partition_id, round.upTo);
    const upTo = taken.upTo(row.partition_id)!;
    await database.transaction((trx) => movePublished(trx, row.partition_id, row.published_no, upTo));
    // What is still missing has been so for as long: the next sweep goes on with it.
    const { since } = behind.get(row.partition_id)!;
    behind.set(row.partition_id, { publishedNo: upTo, since });
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
    publishedNo: (partition) => Math.max(partition.published_no, taken.upTo(partition.partition_id) ?? 0),
    committed(records, moves, traces) {
      for (const move of moves) taken.atLeast(move.partitionId, move.publishedNo);
      if (waitingRecords + records.length > MAX_WAITING_RECORDS) {
        log.warn({ records: records.length }, 'too much waits for the bus; left to the sweep');
        showLoss();
        return;
      }
      waiting.push({ records, moves, traces });
      waitingRecords += records.length;
      running ??= Promise.resolve().then(run);
    },
    sweep,
    unpublishedChanges: () => unpublished,
    async close() {
      clearInterval(timer);
      await running;
      await sweeping;
      await sweep();
    },
  };
}

function tracesOf(batch: readonly { readonly traces: RecordTraces }[]): RecordTraces | undefined {
  const traced = batch.filter(({ traces }) => traces.size > 0);
  return traced.length === 0 ? undefined : new Map(traced.flatMap(({ traces }) => [...traces]));
}
