import { type RowExecutor, rowInserter, rowReader, rowUpdater } from '@im/common/database/rows.ts';
import { statement } from './statement.ts';

/** A stretch of a conversation's log that a member may see. */
export interface SpanTable {
  partition_id: number;
  conversation_id: string;
  uid: string;
  /** change_no that opened it; rejoining opens a new one. */
  opened_at: number;
  from_seq: number;
  /** The running count just before from_seq. */
  from_count: number;
  /** The event that removed the member is the last they see; null while open. */
  to_seq: number | null;
  to_count: number | null;
  /** Time of that event, milliseconds. */
  to_at: number | null;
  /** change_no that closed it. */
  closed_at: number | null;
}

export const insertSpans = rowInserter<SpanTable>('span', [
  'partition_id',
  'conversation_id',
  'uid',
  'opened_at',
  'from_seq',
  'from_count',
  'to_seq',
  'to_count',
  'to_at',
  'closed_at',
]);

export const closeSpans = rowUpdater<SpanTable>(
  'span',
  ['partition_id', 'conversation_id', 'uid', 'opened_at'],
  ['to_seq', 'to_count', 'to_at', 'closed_at'],
);

/** All spans of conversations: by partition and conversation. */
export const readSpans = rowReader<SpanTable>('span', ['partition_id', 'conversation_id']);

/** The spans of single members: by partition, conversation and uid. */
export const readMemberSpans = rowReader<SpanTable>('span', ['partition_id', 'conversation_id', 'uid']);

/** A span, and up to where its member has cleared the conversation. */
export interface AudienceRow extends Pick<SpanTable, 'uid' | 'from_seq' | 'to_seq'> {
  cleared_seq: number;
}

const audience = statement<AudienceRow>(
  `select span.uid as uid, span.from_seq as from_seq, span.to_seq as to_seq, member.cleared_seq as cleared_seq
    from span
    inner join member on member.partition_id = span.partition_id
      and member.conversation_id = span.conversation_id and member.uid = span.uid
    where span.partition_id = ? and span.conversation_id = ? and span.uid > ?
      and (
        (member.cleared_seq > 0 and member.change_no > ?)
        or exists (
          select 1 from span as changed
          where changed.partition_id = span.partition_id and changed.conversation_id = span.conversation_id
            and changed.uid = span.uid and (changed.opened_at > ? or changed.closed_at > ?)
        )
      )
    order by span.uid, span.opened_at limit ?`,
);

/** All spans of those present and former members for whom what they may see changed after `sinceNo`; ordered by uid. */
export function readAudience(
  db: RowExecutor,
  {
    partitionId,
    conversationId,
    sinceNo,
    afterUid,
    limit,
  }: { partitionId: number; conversationId: string; sinceNo: number; afterUid: string; limit: number },
): Promise<AudienceRow[]> {
  return audience(db, [partitionId, conversationId, afterUid, sinceNo, sinceNo, sinceNo, limit]);
}

const presentMembers = statement<{ uid: string }>(
  'select uid from span where partition_id = ? and conversation_id = ? and to_seq is null limit ?',
);

/** Who is a member now, at most `limit` of them. */
export async function readPresentMembers(
  db: RowExecutor,
  partitionId: number,
  conversationId: string,
  limit: number,
): Promise<string[]> {
  return (await presentMembers(db, [partitionId, conversationId, limit])).map((row) => row.uid);
}
