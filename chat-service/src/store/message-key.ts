import { rowInserter, rowReader } from '@im/common/database/rows.ts';

/** What a sender's clientMsgId named: kept as long as the message. */
export interface MessageKeyTable {
  partition_id: number;
  conversation_id: string;
  sender_uid: string;
  client_msg_id: string;
  /** SHA-256 of the original request in canonical form. */
  request_hash: Uint8Array;
  /** The message that a repeat is answered with: the sent one, or an edit's or recall's target. */
  message_seq: number;
}

/** What identifies a message for its sender, for as long as it is kept. */
export interface MessageKey {
  readonly conversationId: string;
  readonly senderUid: string;
  readonly clientMsgId: string;
}

/** By partition, conversation, sender and clientMsgId. */
export const readMessageKeys = rowReader<MessageKeyTable>('message_key', [
  'partition_id',
  'conversation_id',
  'sender_uid',
  'client_msg_id',
]);

export const insertMessageKeys = rowInserter<MessageKeyTable>('message_key', [
  'partition_id',
  'conversation_id',
  'sender_uid',
  'client_msg_id',
  'request_hash',
  'message_seq',
]);
