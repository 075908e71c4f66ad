import { type RowExecutor, rowInserter, rowReader } from '@im/common/database/rows.ts';
import type { Kysely } from 'kysely';
import type { ChatSchema } from './schema.ts';
import { statement } from './statement.ts';

/** A message that a user hid on all their devices. */
export interface HiddenMessageTable {
  partition_id: number;
  conversation_id: string;
  uid: string;
  seq: number;
  change_no: number;
}

/** By partition, conversation, uid and seq. */
export const readHidden = rowReader<HiddenMessageTable>('hidden_message', [
  'partition_id',
  'conversation_id',
  'uid',
  'seq',
]);

export const insertHidden = rowInserter<HiddenMessageTable>('hidden_message', [
  'partition_id',
  'conversation_id',
  'uid',
  'seq',
  'change_no',
]);

/** Messages of a partition that were hidden in this range; only for publishing what was left behind. */
export function readHiddenByChange(
  db: Kysely<ChatSchema>,
  partitionId: number,
  after: number,
  upTo: number,
): Promise<HiddenMessageTable[]> {
  return db
    .selectFrom('hidden_message')
    .selectAll()
    .where('partition_id', '=', partitionId)
    .where('change_no', '>', after)
    .where('change_no', '<=', upTo)
    .execute();
}

const hiddenSeqs = statement<{ seq: number }>(
  `select seq from hidden_message
    where partition_id = ? and conversation_id = ? and uid = ? and seq >= ? and seq <= ?`,
);

/** What a user hid in these seqs of a conversation, both ends included. */
export async function readHiddenSeqs(
  db: RowExecutor,
  partitionId: number,
  conversationId: string,
  uid: string,
  fromSeq: number,
  toSeq: number,
): Promise<Set<number>> {
  const rows = await hiddenSeqs(db, [partitionId, conversationId, uid, fromSeq, toSeq]);
  return new Set(rows.map((row) => row.seq));
}

/** What a user has hidden in these partitions above a change. */
export function readHiddenSince(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
  uid: string,
  sinceChangeNo: number,
): Promise<HiddenMessageTable[]> {
  return db
    .selectFrom('hidden_message')
    .selectAll()
    .where('partition_id', 'in', partitionIds)
    .where('uid', '=', uid)
    .where('change_no', '>', sinceChangeNo)
    .orderBy('conversation_id')
    .orderBy('seq')
    .execute();
}
