import { type DescMessage, fromJson, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ImError } from '../errors/im-error.ts';
import {
  CreateSessionRequestSchema,
  file_im_auth_v1_auth_service,
} from '../gen/im/auth/v1/auth_service_pb.ts';
import {
  file_im_chat_v1_chat_service,
  GetMessagesRequestSchema,
  SendMessageRequestSchema,
} from '../gen/im/chat/v1/chat_service_pb.ts';
import { file_im_chat_v1_event } from '../gen/im/chat/v1/event_pb.ts';
import { ContentSchema, file_im_chat_v1_message } from '../gen/im/chat/v1/message_pb.ts';
import { file_im_friend_v1_friend_service } from '../gen/im/friend/v1/friend_service_pb.ts';
import { UserSchema } from '../gen/im/user/v1/user_pb.ts';
import { file_im_user_v1_user_service } from '../gen/im/user/v1/user_service_pb.ts';
import { file_im_ws_v1_frames } from '../gen/im/ws/v1/frames_pb.ts';
import { parseJsonMessage } from './json-message.ts';

function refusal(schema: DescMessage, json: unknown, path?: string): { reason: string; field: string } {
  try {
    parseJsonMessage(schema, json, path);
  } catch (error) {
    if (error instanceof ImError) return { reason: error.reason, field: error.metadata.field! };
    throw error;
  }
  throw new Error('was not refused');
}

test('reads the same message as protobuf itself', () => {
  const json = {
    conversationId: 's:1:2',
    clientMsgId: 'a',
    content: { image: { url: 'media:1', width: 3, height: 4, size: '9007199254740993' } },
    replyToSeq: 7,
    mentions: { uids: ['1', '2'], all: true },
  };
  expect(parseJsonMessage(SendMessageRequestSchema, json)).toEqual(fromJson(SendMessageRequestSchema, json));
});

test('reads bytes, structs, doubles and nested lists', () => {
  const content = { custom: { type: 'x', data: 'aGk=' } };
  expect(parseJsonMessage(ContentSchema, content)).toEqual(fromJson(ContentSchema, content));
  const place = { location: { latitude: 1.5, longitude: -2 } };
  expect(parseJsonMessage(ContentSchema, place)).toEqual(fromJson(ContentSchema, place));
  const user = { uid: '1', settings: { theme: 'dark', nested: { list: [1, null, 'x'] } } };
  expect(parseJsonMessage(UserSchema, user)).toEqual(fromJson(UserSchema, user));
  const forward = { forward: { messages: [{ seq: 1, content: { text: { text: 'x' } } }] } };
  expect(parseJsonMessage(ContentSchema, forward)).toEqual(fromJson(ContentSchema, forward));
});

test('null counts as absent', () => {
  expect(parseJsonMessage(GetMessagesRequestSchema, { conversationId: null, limit: null })).toEqual(
    parseJsonMessage(GetMessagesRequestSchema, {}),
  );
});

test('a field that is not known is named with its path', () => {
  expect(refusal(SendMessageRequestSchema, { nope: 1 })).toEqual({ reason: 'UNKNOWN_FIELD', field: 'nope' });
  expect(refusal(SendMessageRequestSchema, { content: { text: { txt: 'x' } } })).toEqual({
    reason: 'UNKNOWN_FIELD',
    field: 'content.text.txt',
  });
  expect(refusal(SendMessageRequestSchema, { content: { forward: { messages: [{}, { a: 1 }] } } })).toEqual({
    reason: 'UNKNOWN_FIELD',
    field: 'content.forward.messages[1].a',
  });
  expect(refusal(ContentSchema, { a: 1 }, 'content').field).toBe('content.a');
});

test('names of the proto file and names of objects are not fields', () => {
  for (const key of ['client_msg_id', 'constructor', '__proto__', 'toString', '$typeName']) {
    expect(refusal(SendMessageRequestSchema, JSON.parse(`{"${key}":"x"}`))).toEqual({
      reason: 'UNKNOWN_FIELD',
      field: key,
    });
  }
});

test.each([
  ['a string where a number belongs', GetMessagesRequestSchema, { limit: 'many' }, 'limit'],
  ['a fraction', GetMessagesRequestSchema, { limit: 1.5 }, 'limit'],
  ['a negative number', GetMessagesRequestSchema, { limit: -1 }, 'limit'],
  ['more than 32 bits', GetMessagesRequestSchema, { limit: 2 ** 32 }, 'limit'],
  ['a number where a string belongs', GetMessagesRequestSchema, { conversationId: 1 }, 'conversationId'],
  ['half a surrogate pair', GetMessagesRequestSchema, { conversationId: '\ud800' }, 'conversationId'],
  ['a list where a message belongs', SendMessageRequestSchema, { content: [] }, 'content'],
  ['two kinds of content', SendMessageRequestSchema, { content: { text: {}, card: {} } }, 'content'],
  ['null in a list', SendMessageRequestSchema, { mentions: { uids: ['1', null] } }, 'mentions.uids[1]'],
  ['no list', SendMessageRequestSchema, { mentions: { uids: '1' } }, 'mentions.uids'],
  ['no boolean', SendMessageRequestSchema, { mentions: { all: 'true' } }, 'mentions.all'],
  ['no base64', ContentSchema, { custom: { data: '*' } }, 'custom.data'],
  ['not a number', ContentSchema, { location: { latitude: 'NaN' } }, 'location.latitude'],
  ['no object', UserSchema, { settings: 'x' }, 'settings'],
  ['the number of an enum', CreateSessionRequestSchema, { device: { platform: 1 } }, 'device.platform'],
  ['UNSPECIFIED', CreateSessionRequestSchema, { device: { platform: 'UNSPECIFIED' } }, 'device.platform'],
  ['no enum name', CreateSessionRequestSchema, { device: { platform: 'TV' } }, 'device.platform'],
  ['no object at all', SendMessageRequestSchema, 'x', ''],
] as const)('refuses %s', (_name, schema, json, field) => {
  expect(refusal(schema, json)).toEqual({ reason: 'INVALID_FIELD', field });
});

test('a request nested without end is refused, not a crash', () => {
  let json: unknown = { text: { text: 'x' } };
  for (let depth = 0; depth < 20_000; depth++) json = { forward: { messages: [{ content: json }] } };
  expect(refusal(ContentSchema, json).reason).toBe('INVALID_FIELD');
});

test('what toJson writes is read back', () => {
  const word = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed());
  const number = fc.integer({ min: 1, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(word, word, number, fc.array(word), (id, text, seq, uids) => {
      const json = {
        conversationId: id,
        clientMsgId: id,
        content: { text: { text } },
        replyToSeq: seq,
        mentions: { uids, all: false },
      };
      const message = parseJsonMessage(SendMessageRequestSchema, json);
      expect(toJson(SendMessageRequestSchema, message, { alwaysEmitImplicit: true })).toEqual(json);
    }),
  );
});

test('every field of the contracts has the same name in JSON and in TypeScript', () => {
  const files = [
    file_im_auth_v1_auth_service,
    file_im_chat_v1_chat_service,
    file_im_chat_v1_event,
    file_im_chat_v1_message,
    file_im_friend_v1_friend_service,
    file_im_user_v1_user_service,
    file_im_ws_v1_frames,
  ];
  for (const field of files.flatMap((file) => file.messages).flatMap((message) => message.fields)) {
    expect(field.localName).toBe(field.jsonName);
  }
});
