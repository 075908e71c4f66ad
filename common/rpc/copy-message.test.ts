import { clone, create, equals, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { EventSchema } from '../gen/im/chat/v1/event_pb.ts';
import { copyMessage } from './copy-message.ts';

const EVENT = create(EventSchema, {
  conversationId: 'g:5',
  seq: 7,
  kind: {
    case: 'message',
    value: {
      clientMsgId: 'm',
      content: { kind: { case: 'custom', value: { type: 't', data: new Uint8Array([1, 2, 3]) } } },
      replyToSeq: 0,
      mentions: { uids: ['1', '2'] },
    },
  },
});

test('a copy is the message, as clone makes it', () => {
  const copy = copyMessage(EVENT);
  expect(copy).toEqual(clone(EventSchema, EVENT));
  expect(equals(EventSchema, copy, EVENT)).toBe(true);
  expect(toBinary(EventSchema, copy)).toEqual(toBinary(EventSchema, EVENT));
});

test('a copy shares nothing with the message', () => {
  const before = toBinary(EventSchema, EVENT);
  const copy = copyMessage(EVENT);
  if (copy.kind.case !== 'message' || copy.kind.value.content?.kind.case !== 'custom')
    throw new Error('not a copy');
  copy.kind.value.content.kind.value.data[0] = 9;
  copy.kind.value.mentions!.uids.push('3');
  copy.kind.value.content = undefined;
  copy.kind = { case: undefined };
  expect(toBinary(EventSchema, EVENT)).toEqual(before);
});
