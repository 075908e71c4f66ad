import type { AppendPositionTable } from './append-position.ts';
import type { ConversationTable } from './conversation.ts';
import type { EventTable } from './event.ts';
import type { HiddenMessageTable } from './hidden-message.ts';
import type { PartitionTable } from './log-partition.ts';
import type { MemberTable } from './member.ts';
import type { MentionTable } from './mention.ts';
import type { MessageKeyTable } from './message-key.ts';
import type { SpanTable } from './span.ts';

/**
 * The chat database. Every table that lanes write has `partition_id` first in
 * every key and no foreign keys, so that a lane locks nothing outside its
 * partitions.
 */
export interface ChatSchema {
  log_partition: PartitionTable;
  conversation: ConversationTable;
  member: MemberTable;
  span: SpanTable;
  event: EventTable;
  message_key: MessageKeyTable;
  mention: MentionTable;
  hidden_message: HiddenMessageTable;
  append_position: AppendPositionTable;
}
