import type { MessageKey, MessageKeyTable } from '../store/message-key.ts';

/**
 * Names under which a batch holds its rows. The parts before the last hold no
 * space, and the last may: the names are unambiguous.
 */

export const keyName = (key: MessageKey) => `${key.conversationId} ${key.senderUid} ${key.clientMsgId}`;
export const keyRowName = (row: MessageKeyTable) =>
  `${row.conversation_id} ${row.sender_uid} ${row.client_msg_id}`;
export const eventName = (conversationId: string, seq: number) => `${conversationId} ${seq}`;
export const hiddenName = (conversationId: string, uid: string, seq: number) =>
  `${conversationId} ${uid} ${seq}`;
export const positionName = (conversationId: string, source: string) => `${conversationId} ${source}`;
