import { byPrimaryKey, forUpdate, forUpdateSkipLocked } from '@im/common/database/locking.ts';
import { rowUpdater } from '@im/common/database/rows.ts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { ChatSchema } from './schema.ts';

export interface PartitionTable {
  partition_id: number;
  /** Of the store: renewed by a restore, or by a failover that may have lost commits. */
  epoch: string;
  /** Counts everything that changes in the partition. */
  change_no: number;
  /** Everything up to here has been taken by the bus. */
  published_no: number;
}

/** Locks partitions for this transaction and reads them. Those that another transaction holds are left out. */
export function lockPartitions(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
): Promise<PartitionTable[]> {
  return selectByIds(db, partitionIds, forUpdateSkipLocked(db));
}

/** Locks them all, waiting for those that another transaction holds: up to a second, then it throws. */
export function waitForPartitions(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
): Promise<PartitionTable[]> {
  return selectByIds(db, partitionIds, forUpdate(db));
}

/** Reads partitions without their locks: what they are may change at any moment. */
export function readPartitionsOf(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
): Promise<PartitionTable[]> {
  return selectByIds(db, partitionIds, sql``);
}

// In the order of their ids, so that two who lock several never wait for each other.
async function selectByIds(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
  lock: RawBuilder<unknown>,
): Promise<PartitionTable[]> {
  const { rows } = await sql<PartitionTable>`
    select * from log_partition ${byPrimaryKey(db)}
      where partition_id in (${sql.join(partitionIds)}) order by partition_id ${lock}`.execute(db);
  return rows;
}

export function readPartitions(db: Kysely<ChatSchema>): Promise<PartitionTable[]> {
  return db.selectFrom('log_partition').selectAll().orderBy('partition_id').execute();
}

export async function insertPartitions(db: Kysely<ChatSchema>, count: number, epoch: string): Promise<void> {
  const rows = Array.from({ length: count }, (_, partition_id) => ({
    partition_id,
    epoch,
    change_no: 0,
    published_no: 0,
  }));
  await db.insertInto('log_partition').values(rows).execute();
}

export const updatePartitions = rowUpdater<PartitionTable>(
  'log_partition',
  ['partition_id'],
  ['change_no', 'published_no'],
);

/** Gives the store another epoch, in every partition. */
export async function renewEpoch(db: Kysely<ChatSchema>, epoch: string): Promise<void> {
  await db.updateTable('log_partition').set({ epoch }).execute();
}

/** Moves published_no on, unless somebody else moved it meanwhile. */
export async function movePublished(
  db: Kysely<ChatSchema>,
  partitionId: number,
  from: number,
  to: number,
): Promise<void> {
  await db
    .updateTable('log_partition')
    .set({ published_no: to })
    .where('partition_id', '=', partitionId)
    .where('published_no', '=', from)
    .execute();
}
