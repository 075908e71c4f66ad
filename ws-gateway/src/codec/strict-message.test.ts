import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { ImError } from '@im/common/errors/im-error.ts';
import { SendMessageRequestSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { ForwardContent } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { UpdateGroupRequestSchema } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { PresenceSchema } from '@im/common/gen/im/presence/v1/presence_pb.ts';
import { DeviceSchema, type Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { expect, test } from 'vitest';
import { requireStrict } from './strict-message.ts';

const UNKNOWN = [{ no: 99, wireType: WireType.Varint, data: new Uint8Array([1]) }];
const platform = (value: number) => value as Platform_Value;

function refusal<D extends DescMessage>(schema: D, init: MessageInitShape<D>): string {
  try {
    requireStrict(schema, create(schema, init));
    return 'passes';
  } catch (error) {
    if (error instanceof ImError) return `${error.reason} ${error.metadata.field}`;
    throw error;
  }
}

test('a message that is as its contract says passes', () => {
  const content = { kind: { case: 'location', value: { latitude: 1.5, longitude: -3 } } } as const;
  const request = { conversationId: 'g:1', clientMsgId: 'a', content, mentions: { uids: ['1'] } };
  expect(refusal(SendMessageRequestSchema, request)).toBe('passes');
  expect(refusal(SendMessageRequestSchema, {})).toBe('passes');
  expect(refusal(UpdateGroupRequestSchema, { joinPolicy: 1 })).toBe('passes');
  expect(refusal(PresenceSchema, { platforms: [1, 8] })).toBe('passes');
});

test('an enum has one of its values, and UNSPECIFIED only by leaving it out', () => {
  expect(refusal(DeviceSchema, {})).toBe('passes');
  expect(refusal(DeviceSchema, { platform: platform(99) })).toBe('INVALID_FIELD platform');
  expect(refusal(UpdateGroupRequestSchema, { joinPolicy: 0 })).toBe('INVALID_FIELD joinPolicy');
  expect(refusal(UpdateGroupRequestSchema, { joinPolicy: 99 as 1 })).toBe('INVALID_FIELD joinPolicy');
  expect(refusal(PresenceSchema, { platforms: [1, 0] })).toBe('INVALID_FIELD platforms[1]');
});

test('unknown fields are named by their number and where they stand', () => {
  const request = create(SendMessageRequestSchema, {
    content: { kind: { case: 'forward', value: { messages: [{}, {}] } } },
  });
  const forward = request.content!.kind.value as ForwardContent;
  forward.messages[1]!.$unknown = UNKNOWN;
  expect(refusal(SendMessageRequestSchema, request)).toBe('UNKNOWN_FIELD content.forward.messages[1].99');
  request.content!.$unknown = UNKNOWN;
  expect(refusal(SendMessageRequestSchema, request)).toBe('UNKNOWN_FIELD content.99');
  request.$unknown = UNKNOWN;
  expect(refusal(SendMessageRequestSchema, request)).toBe('UNKNOWN_FIELD 99');
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is no number', (latitude) => {
  const content = { kind: { case: 'location', value: { latitude, longitude: 0 } } } as const;
  expect(refusal(SendMessageRequestSchema, { content })).toBe('INVALID_FIELD content.location.latitude');
});
