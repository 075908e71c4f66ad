import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { GetMessagesRequestSchema, SendMessageRequestSchema } from '../gen/im/chat/v1/chat_service_pb.ts';
import { Platform_Value } from '../gen/im/session/v1/session_pb.ts';
import {
  BatchGetUsersRequestSchema,
  CreateApiKeyRequestSchema,
  CreateUserRequestSchema,
  GetAccountRequestSchema,
  ListUsersRequestSchema,
  LoginRequestSchema,
} from '../gen/im/user/v1/user_service_pb.ts';
import { createMessageValidator } from './validation.ts';

const validate = createMessageValidator();

/** The field and the message of the refusal; undefined when the message is good. */
function refusal<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>) {
  try {
    validate(schema, create(schema, init));
    return undefined;
  } catch (error) {
    const { reason, metadata, message } = error as { reason: string; metadata: object; message: string };
    expect(reason).toBe('INVALID_FIELD');
    return { ...metadata, message };
  }
}

const account = { username: 'ann', password: '12345678' };
const device = { deviceId: 'd', platform: Platform_Value.WEB };

test('what keeps the rules passes', () => {
  expect(refusal(CreateUserRequestSchema, account)).toBeUndefined();
  expect(refusal(LoginRequestSchema, { ...account, device })).toBeUndefined();
});

test('lengths', () => {
  expect(refusal(CreateUserRequestSchema, { ...account, username: '' })).toEqual({
    field: 'username',
    message: 'username must not be empty',
  });
  expect(refusal(CreateUserRequestSchema, { ...account, password: 'x' })).toEqual({
    field: 'password',
    message: 'password must have at least 8 characters',
  });
  expect(refusal(CreateUserRequestSchema, { ...account, nickname: '字'.repeat(65) })).toEqual({
    field: 'nickname',
    message: 'nickname must have at most 64 characters',
  });
  expect(refusal(CreateUserRequestSchema, { ...account, nickname: '😀'.repeat(64) })).toBeUndefined();
});

test('messages and values that must be there', () => {
  expect(refusal(LoginRequestSchema, account)).toEqual({ field: 'device', message: 'device is required' });
  expect(refusal(GetAccountRequestSchema, {})).toEqual({
    field: '',
    message: 'the request must have one of uid, externalId',
  });
  expect(
    refusal(SendMessageRequestSchema, { conversationId: 's:1:2', clientMsgId: 'c', content: {} }),
  ).toMatchObject({ field: 'content', message: expect.stringContaining('must have one of text, image') });
});

test('enums name what one may give', () => {
  const message = 'device.platform must be one of WEB, IOS, ANDROID, WINDOWS, MACOS, LINUX, MINIPROGRAM, BOT';
  for (const platform of [Platform_Value.UNSPECIFIED, 99 as Platform_Value])
    expect(refusal(LoginRequestSchema, { ...account, device: { ...device, platform } })).toEqual({
      field: 'device.platform',
      message,
    });
});

test('patterns say what they want', () => {
  expect(refusal(LoginRequestSchema, { ...account, device: { ...device, deviceId: 'é' } })).toEqual({
    field: 'device.deviceId',
    message: 'device.deviceId must have 1 to 128 printable ASCII characters',
  });
  expect(refusal(BatchGetUsersRequestSchema, { uids: ['1', '2', '3', '07'] })).toEqual({
    field: 'uids[3]',
    message: 'uids[3] must be an id: a positive whole number without leading zeros',
  });
});

test('numbers', () => {
  expect(refusal(ListUsersRequestSchema, { pageSize: 201 })).toEqual({
    field: 'pageSize',
    message: 'pageSize must be at most 200',
  });
  expect(refusal(GetMessagesRequestSchema, { conversationId: 's:1:2', limit: 0 })).toEqual({
    field: 'limit',
    message: 'limit must be from 1 to 200',
  });
});

test('lists', () => {
  const messageOf = (scopes: string[]) => refusal(CreateApiKeyRequestSchema, { name: 'k', scopes })?.message;
  expect(messageOf([])).toBe('scopes must not be empty');
  expect(messageOf(['users', 'users'])).toBe('scopes must not name anything twice');
  expect(messageOf(['users', 'all'])).toBe('scopes[1] must be one of users, tokens, messages, groups, keys');
  expect(refusal(BatchGetUsersRequestSchema, { uids: Array(201).fill('1') })).toEqual({
    field: 'uids',
    message: 'uids must have at most 200 items',
  });
});
