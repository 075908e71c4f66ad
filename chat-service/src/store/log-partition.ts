import { rowUpdater } from '@im/common/database/rows.ts';
import type { Kysely } from 'kysely';
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

/** Locks partitions for this transaction and reads them. Partitions of others' transactions are left out. */
export function lockPartitions(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
): Promise<PartitionTable[]> {
  // SQLite's write transaction is the lock; MySQL adds FOR UPDATE SKIP LOCKED.
  return db
    .selectFrom('log_partition')
    .selectAll()
    .where('partition_id', 'in', partitionIds)
    .orderBy('partition_id')
    .execute();
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
