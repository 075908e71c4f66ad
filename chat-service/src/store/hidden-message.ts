import { rowInserter, rowReader } from '@im/common/database/rows.ts';
import type { Kysely } from 'kysely';
import type { ChatSchema } from './schema.ts';

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

/** What a user hid in these seqs of a conversation. */
export function readHiddenRange(
  db: Kysely<ChatSchema>,
  partitionId: number,
  conversationId: string,
  uid: string,
  fromSeq: number,
  toSeq: number,
): Promise<HiddenMessageTable[]> {
  return db
    .selectFrom('hidden_message')
    .selectAll()
    .where('partition_id', '=', partitionId)
    .where('conversation_id', '=', conversationId)
    .where('uid', '=', uid)
    .where('seq', '>=', fromSeq)
    .where('seq', '<=', toSeq)
    .execute();
}

/** Everything a user has hidden, of all partitions. */
export function readHiddenOf(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
  uid: string,
): Promise<HiddenMessageTable[]> {
  return db
    .selectFrom('hidden_message')
    .selectAll()
    .where('partition_id', 'in', partitionIds)
    .where('uid', '=', uid)
    .orderBy('conversation_id')
    .orderBy('seq')
    .execute();
}
