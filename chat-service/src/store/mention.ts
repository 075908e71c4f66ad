import { type RowExecutor, rowInserter } from '@im/common/database/rows.ts';
import { statement } from './statement.ts';

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

const mentionSeqs = statement<{ seq: number }>(
  `select seq from mention
    where partition_id = ? and conversation_id = ? and uid = ? and seq > ? and seq <= ?
      and not exists (
        select 1 from hidden_message as hidden
          where hidden.partition_id = mention.partition_id
            and hidden.conversation_id = mention.conversation_id
            and hidden.uid = ? and hidden.seq = mention.seq)
    order by seq limit ?`,
);

/** Seqs above `afterSeq` that mention the user or everybody and that the user has not hidden, at most `limit`. */
export async function readMentionSeqs(
  db: RowExecutor,
  partitionId: number,
  conversationId: string,
  uid: string,
  afterSeq: number,
  upToSeq: number,
  limit: number,
): Promise<number[]> {
  const seqs = new Set<number>();
  // One after the other: each is one probe of the key, both together would be sorted and made distinct.
  for (const mentioned of [uid, EVERYBODY]) {
    const parameters = [partitionId, conversationId, mentioned, afterSeq, upToSeq, uid, limit];
    for (const { seq } of await mentionSeqs(db, parameters)) seqs.add(seq);
  }
  return [...seqs].sort((a, b) => a - b).slice(0, limit);
}
