import { Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { refusal, refusedWith } from '../testing/refusal.ts';

const MINUTE_MS = 60_000;

let chat: Chat;
let group: string;

beforeEach(async () => {
  chat = await startChat();
  group = await chat.makeGroup('5', ['1', '2', '3']);
});
afterEach(() => chat.stop());

const updateMember = (uid: string, changes: { role?: Role_Value; mutedUntil?: string }) =>
  chat.append('group-service', group, { case: 'updateMember', value: { uid, ...changes } });
const updateGroup = (muteAll: boolean) =>
  chat.append('group-service', group, { case: 'updateGroup', value: { group: { groupId: '5', muteAll } } });

test('a group that is muted is written to by its owner and admins only', async () => {
  await updateMember('2', { role: Role_Value.ADMIN });
  await updateGroup(true);
  await chat.user('1').send(group, 'owner');
  await chat.user('2').send(group, 'admin');
  expect(await refusal(chat.user('3').send(group, 'member'))).toBe('GROUP_MUTED');
  await updateMember('2', { role: Role_Value.MEMBER });
  expect(await refusal(chat.user('2').send(group, 'admin no more'))).toBe('GROUP_MUTED');
  await updateGroup(false);
  await chat.user('3').send(group, 'member');
});

test('a muted member writes and edits nothing until the time is over, and is told until when', async () => {
  const { seq } = await chat.user('3').send(group, 'before');
  const mutedUntil = new Date(chat.clock.now() + MINUTE_MS).toISOString();
  await updateMember('3', { mutedUntil });
  const refused = await refusedWith(chat.user('3').send(group, 'muted'));
  expect(refused.reason).toBe('MEMBER_MUTED');
  expect(refused.metadata.mutedUntil).toBe(mutedUntil);
  expect(await refusal(chat.user('3').edit(group, seq, 'muted'))).toBe('MEMBER_MUTED');
  await chat.user('2').send(group, 'the others go on');
  chat.clock.advance(MINUTE_MS - 1);
  expect(await refusal(chat.user('3').send(group, 'still'))).toBe('MEMBER_MUTED');
  chat.clock.advance(1);
  await chat.user('3').send(group, 'free');

  await updateMember('3', { mutedUntil: new Date(chat.clock.now() + MINUTE_MS).toISOString() });
  expect(await refusal(chat.user('3').send(group, 'muted'))).toBe('MEMBER_MUTED');
  await updateMember('3', { role: Role_Value.MEMBER });
  expect(await refusal(chat.user('3').send(group, 'what is absent stays'))).toBe('MEMBER_MUTED');
  await updateMember('3', { mutedUntil: '1970-01-01T00:00:00.000Z' });
  await chat.user('3').send(group, 'free');
});

test('a dismissed group is read by its members and written to by nobody, the system included', async () => {
  const { seq } = await chat.user('2').send(group, 'last');
  await chat.append('group-service', group, { case: 'dismissGroup', value: {} });
  for (const uid of ['1', '2', '3']) {
    expect(await refusal(chat.user(uid).send(group, 'hello?'))).toBe('READ_ONLY');
    expect((await chat.user(uid).messages(group)).messages).toHaveLength(1);
  }
  expect(await refusal(chat.user('2').edit(group, seq, 'hello?'))).toBe('READ_ONLY');
  const speakFor = { kind: 'apiKey', keyId: 'k', scopes: ['messages'] } as const;
  const fromSystem = chat
    .client('api-gateway')
    .adminSendMessage(
      { conversationId: group, clientMsgId: 'a', content: { kind: { case: 'text', value: { text: 'x' } } } },
      { speakFor },
    );
  expect(await refusal(fromSystem)).toBe('READ_ONLY');
});

test('to somebody who never was a member a group does not exist', async () => {
  const { seq } = await chat.user('1').send(group, 'private');
  const stranger = chat.user('9');
  for (const attempt of [
    stranger.send(group, 'hi'),
    stranger.edit(group, seq, 'hi'),
    stranger.recall(group, seq),
    stranger.hide(group, seq),
    stranger.markRead(group, seq),
    stranger.update(group, { draft: 'x' }),
    chat.user('1').send('g:6', 'no such group'),
  ]) {
    expect(await refusal(attempt)).toBe('CONVERSATION_NOT_FOUND');
  }
});
