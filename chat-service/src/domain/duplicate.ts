import { ImError } from '@im/common/errors/im-error.ts';
import type { MessageKeyTable } from '../store/message-key.ts';

/**
 * The same id twice: with the same request it names the message that is there
 * already, whose seq this gives; with another it is refused.
 */
export function duplicateOf(key: MessageKeyTable, requestHash: Uint8Array): number {
  if (Buffer.compare(key.request_hash, requestHash) === 0) return key.message_seq;
  throw new ImError('MESSAGE_ID_REUSED', 'this clientMsgId named another message before', {
    clientMsgId: key.client_msg_id,
  });
}
