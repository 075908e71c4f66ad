import { rowInserter, rowReader, rowUpdater } from '@im/common/database/rows.ts';
import type { Kysely } from 'kysely';
import type { ChatSchema } from './schema.ts';

/** A conversation's head and policy. */
export interface ConversationTable {
  partition_id: number;
  conversation_id: string;
  head_seq: number;
  /** Messages that count as unread, up to the head. */
  head_count: number;
  /** change_no of the head. */
  head_change_no: number;
  /** Time of the head, milliseconds. */
  head_at: number;
  last_message_seq: number;
  /** seq of the last membership change. */
  members_seq: number;
  /** Group that is large: change_no of what last decided who may see what. 0: its records name their recipients. */
  audience_no: number;
  /** change_no of the last change of anything that lanes cache; never shown. */
  cache_no: number;
  /** Direct: they are friends. */
  friends: number;
  /** Direct: the user with the lower (higher) uid has blocked the other. */
  blocked_by_lower: number;
  blocked_by_higher: number;
  /** Group: only owner and admins send. */
  mute_all: number;
  /** Group dismissed, or account of a notice conversation closed. */
  closed: number;
  /** Notice: the account is disabled. */
  disabled: number;
}

/** By partition and conversation. */
export const readConversations = rowReader<ConversationTable>('conversation', [
  'partition_id',
  'conversation_id',
]);

export const insertConversations = rowInserter<ConversationTable>('conversation', [
  'partition_id',
  'conversation_id',
  'head_seq',
  'head_count',
  'head_change_no',
  'head_at',
  'last_message_seq',
  'members_seq',
  'audience_no',
  'cache_no',
  'friends',
  'blocked_by_lower',
  'blocked_by_higher',
  'mute_all',
  'closed',
  'disabled',
]);

export const updateConversations = rowUpdater<ConversationTable>(
  'conversation',
  ['partition_id', 'conversation_id'],
  [
    'head_seq',
    'head_count',
    'head_change_no',
    'head_at',
    'last_message_seq',
    'members_seq',
    'audience_no',
    'cache_no',
    'friends',
    'blocked_by_lower',
    'blocked_by_higher',
    'mute_all',
    'closed',
    'disabled',
  ],
);

/** Conversations of a partition whose cached parts changed after `changeNo`. */
export async function conversationsChangedSince(
  db: Kysely<ChatSchema>,
  partitionId: number,
  changeNo: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('conversation')
    .select('conversation_id')
    .where('partition_id', '=', partitionId)
    .where('cache_no', '>', changeNo)
    .execute();
  return rows.map((row) => row.conversation_id);
}
