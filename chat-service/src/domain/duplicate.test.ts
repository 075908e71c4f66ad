import { expect, test } from 'vitest';
import { duplicateOf } from './duplicate.ts';

const key = {
  partition_id: 1,
  conversation_id: 's:1:2',
  sender_uid: '1',
  client_msg_id: 'm1',
  request_hash: new Uint8Array([1, 2, 3]),
  message_seq: 7,
};

test('the same request names the message that is there', () => {
  expect(duplicateOf(key, new Uint8Array([1, 2, 3]))).toBe(7);
});

test('another request with the same id is refused', () => {
  for (const hash of [[1, 2, 4], [1, 2], [1, 2, 3, 0], []]) {
    expect(() => duplicateOf(key, new Uint8Array(hash))).toThrow(
      expect.objectContaining({ reason: 'MESSAGE_ID_REUSED', metadata: { clientMsgId: 'm1' } }),
    );
  }
});
