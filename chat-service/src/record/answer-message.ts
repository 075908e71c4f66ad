import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { duplicateOf } from '../domain/duplicate.ts';
import { messageFromRow } from '../domain/event-body.ts';
import type { Batch } from '../lane/batch.ts';
import type { MessageKey } from '../store/message-key.ts';

/** The message of this seq as it stands in the batch. */
export function messageOf(batch: Batch, conversationId: string, seq: number): Message {
  const row = batch.event(conversationId, seq);
  const message = row && messageFromRow(row, batch.conversation(conversationId)?.row.head_seq ?? seq);
  if (!message) throw new Error(`no message ${seq} in ${conversationId}`);
  return message;
}

/** The answer of an earlier request with this id, or undefined when the id is new. */
export function answerOfDuplicate(
  batch: Batch,
  key: MessageKey,
  requestHash: Uint8Array,
): Message | undefined {
  const known = batch.key(key);
  return known && messageOf(batch, key.conversationId, duplicateOf(known, requestHash));
}
