import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AdminSendMessageRequestSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textContent, textOf } from '../testing/chat-user.ts';
import { refusal } from '../testing/refusal.ts';

let chat: Chat;

beforeEach(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2');
});
afterEach(() => chat.stop());

async function adminSend(
  request: { toUid?: string; conversationId?: string; senderUid?: string },
  text: string,
  clientMsgId = text,
): Promise<Message> {
  const full: MessageInitShape<typeof AdminSendMessageRequestSchema> = {
    ...request,
    clientMsgId,
    content: textContent(text),
  };
  const speakFor = { kind: 'apiKey', keyId: 'k', scopes: ['messages'] } as const;
  return (await chat.client('api-gateway').adminSendMessage(full, { speakFor })).message!;
}

test('the system writes to a user in a conversation of its own, in which the user can only read', async () => {
  const sent = await adminSend({ toUid: '1' }, 'welcome');
  expect(sent).toMatchObject({ conversationId: 's:0:1', seq: 1, senderUid: '0' });
  expect((await adminSend({ conversationId: 's:0:1' }, 'welcome')).seq).toBe(1);
  expect((await adminSend({ conversationId: 'u:1' }, 'again')).seq).toBe(2);
  const user = chat.user('1');
  expect((await user.messages('s:0:1')).messages.map(textOf)).toEqual(['welcome', 'again']);
  expect((await user.conversation('s:0:1')).unread).toBe(2);
  expect((await user.markRead('s:0:1', 2)).unread).toBe(0);
  expect(await refusal(user.send('s:0:1', 'thanks'))).toBe('DIRECT_NOT_ALLOWED');
  expect(await refusal(user.edit('s:0:1', 1, 'thanks'))).toBe('NOT_THE_SENDER');
  expect(await refusal(user.recall('s:0:1', 1))).toBe('NOT_THE_SENDER');
  expect(await refusal(chat.user('2').send('s:0:1', 'me too'))).toBe('CONVERSATION_NOT_FOUND');
});

test('friendship and blocks do not bind the system; a user it speaks for they do', async () => {
  await chat.setBlock('1', '2');
  expect((await adminSend({ conversationId: 's:1:2' }, 'from above')).senderUid).toBe('0');
  expect(await refusal(adminSend({ toUid: '1', senderUid: '2' }, 'from 2'))).toBe('DIRECT_NOT_ALLOWED');
  await chat.setBlock('1', '2', false);
  expect(await refusal(adminSend({ toUid: '1', senderUid: '2' }, 'from 2'))).toBe('DIRECT_NOT_ALLOWED');
  await chat.befriend('1', '2');
  expect(await adminSend({ toUid: '1', senderUid: '2' }, 'from 2')).toMatchObject({
    conversationId: 's:1:2',
    senderUid: '2',
  });
});

test('the system writes to groups that are there, mute or not; a user only to their own', async () => {
  const group = await chat.makeGroup('5', ['1']);
  await chat.append('group-service', group, {
    case: 'updateGroup',
    value: { group: { groupId: '5', muteAll: true } },
  });
  expect((await adminSend({ conversationId: group }, 'to all')).senderUid).toBe('0');
  expect(await refusal(adminSend({ conversationId: 'g:6' }, 'to nobody'))).toBe('CONVERSATION_NOT_FOUND');
  expect(await refusal(adminSend({ conversationId: group, senderUid: '2' }, 'stranger'))).toBe(
    'CONVERSATION_NOT_FOUND',
  );
});

test('what is not clear or not there is refused', async () => {
  expect(await refusal(adminSend({}, 'to whom'))).toBe('INVALID_FIELD');
  expect(await refusal(adminSend({ toUid: '1', conversationId: 's:0:1' }, 'both'))).toBe('INVALID_FIELD');
  expect(await refusal(adminSend({ toUid: '1', senderUid: '1' }, 'oneself'))).toBe('INVALID_FIELD');
  expect(await refusal(adminSend({ toUid: '77' }, 'to nobody'))).toBe('USER_NOT_FOUND');
  expect(await refusal(adminSend({ toUid: '1', senderUid: '77' }, 'from nobody'))).toBe('USER_NOT_FOUND');
  expect(await refusal(adminSend({ conversationId: 'n:1' }, 'notice'))).toBe('READ_ONLY');
});

test('the id of a message of the system names it as others do', async () => {
  await adminSend({ toUid: '1' }, 'one', 'x');
  expect(await refusal(adminSend({ toUid: '1' }, 'two', 'x'))).toBe('MESSAGE_ID_REUSED');
});
