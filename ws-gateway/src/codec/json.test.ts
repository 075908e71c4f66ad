import { create } from '@bufbuild/protobuf';
import { ServerFrameSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import { expect, test } from 'vitest';
import { jsonCodec } from './json.ts';
import { sharedFrame } from './shared-frame.ts';

test('every field without presence is printed, also when it is empty', () => {
  const frame = create(ServerFrameSchema, {
    frame: {
      case: 'events',
      value: { events: [{ conversationId: 'g:1', kind: { case: 'message', value: {} } }] },
    },
  });
  expect(JSON.parse(String(jsonCodec.encode(frame)))).toEqual({
    events: {
      events: [
        {
          conversationId: 'g:1',
          seq: 0,
          at: '',
          actorUid: '',
          message: {
            conversationId: '',
            seq: 0,
            senderUid: '',
            clientMsgId: '',
            sentAt: '',
            reactions: [],
            asOfSeq: 0,
          },
        },
      ],
    },
  });
});

test('a request is read as its message', () => {
  const parsed = jsonCodec.parse(Buffer.from('{"id":"x","markRead":{"conversationId":"g:1","seq":3}}'));
  expect(parsed).toMatchObject({
    kind: 'frame',
    frame: { id: 'x', frame: { case: 'markRead', value: { conversationId: 'g:1', seq: 3 } } },
  });
});

test('a frame for many sockets is encoded once', () => {
  let encoded = 0;
  const codec = { ...jsonCodec, encode: () => `${++encoded}` };
  const shared = sharedFrame(create(ServerFrameSchema, { frame: { case: 'resync', value: {} } }));
  expect(shared.bytesFor(codec)).toBe(shared.bytesFor(codec));
  expect(encoded).toBe(1);
});
