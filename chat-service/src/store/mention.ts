import { rowInserter } from '@im/common/database/rows.ts';
import type { Kysely } from 'kysely';
import type { ChatSchema } from './schema.ts';

/** Stands for everybody in a mention's uid. */
export const EVERYBODY = '0';

/** Who a message mentions. */
export interface MentionTable {
  partition_id: number;
  conversation_id: string;
  /** "0": everybody. */
  uid: string;
  seq: number;
}

export const insertMentions = rowInserter<MentionTable>('mention', [
  'partition_id',
  'conversation_id',
  'uid',
  'seq',
]);

/** Seqs above `afterSeq` that mention the user or everybody, at most `limit`. */
export async function readMentionSeqs(
  db: Kysely<ChatSchema>,
  partitionId: number,
  conversationId: string,
  uid: string,
  afterSeq: number,
  upToSeq: number,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('mention')
    .select('seq')
    .distinct()
    .where('partition_id', '=', partitionId)
    .where('conversation_id', '=', conversationId)
    .where('uid', 'in', [uid, EVERYBODY])
    .where('seq', '>', afterSeq)
    .where('seq', '<=', upToSeq)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => row.seq);
}
