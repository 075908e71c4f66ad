import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textContent, textOf } from '../testing/chat-user.ts';
import { refusal, refusedWith } from '../testing/refusal.ts';

let chat: Chat;
let direct: string;

beforeEach(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2', '3');
  direct = await chat.befriend('1', '2');
});
afterEach(() => chat.stop());

const name = { clientMsgId: 'mine' };

test('the same message again is answered with its seq, as it stands now', async () => {
  const user = chat.user('1');
  const sent = await user.send(direct, 'hello', name);
  expect(await user.send(direct, 'hello', name)).toEqual(sent);
  await chat.user('2').send(direct, 'between');
  expect(await user.send(direct, 'hello', name)).toEqual({ ...sent, asOfSeq: 3 });

  await user.edit(direct, sent.seq, 'hello!');
  const edited = await user.send(direct, 'hello', name);
  expect(edited.seq).toBe(sent.seq);
  expect(textOf(edited)).toBe('hello!');

  await user.recall(direct, sent.seq);
  const recalled = await user.send(direct, 'hello', name);
  expect(recalled.seq).toBe(sent.seq);
  expect(recalled.content).toBeUndefined();

  await chat.restart();
  expect((await user.send(direct, 'hello', name)).seq).toBe(sent.seq);
  expect((await user.conversation(direct)).headSeq).toBe(5);
});

test('the same id for anything else is refused, after an edit to just that and after a recall too', async () => {
  const user = chat.user('1');
  const { seq } = await user.send(direct, 'hello', name);
  const refused = await refusedWith(user.send(direct, 'other', name));
  expect(refused.reason).toBe('MESSAGE_ID_REUSED');
  expect(refused.status).toBe('ALREADY_EXISTS');
  const others = [
    () => user.send(direct, 'other', name),
    () => user.send(direct, 'hello', { ...name, replyToSeq: 1 }),
    () => user.send(direct, 'hello', { ...name, mentions: { uids: ['2'] } }),
    () => user.send(direct, '', { ...name, content: { kind: { case: 'card', value: { uid: '2' } } } }),
    () => user.edit(direct, seq, 'hello', 'mine'),
    () => user.recall(direct, seq, 'mine'),
  ];
  for (const other of others) expect(await refusal(other())).toBe('MESSAGE_ID_REUSED');
  await user.edit(direct, seq, 'other');
  for (const other of others) expect(await refusal(other())).toBe('MESSAGE_ID_REUSED');
  await user.recall(direct, seq);
  for (const other of others) expect(await refusal(other())).toBe('MESSAGE_ID_REUSED');
});

test('edits and recalls have names too', async () => {
  const user = chat.user('1');
  const { seq } = await user.send(direct, 'hello');
  const other = await user.send(direct, 'another');
  await user.edit(direct, seq, 'once', 'e');
  await user.edit(direct, seq, 'twice');
  // Answered, not applied again.
  expect(textOf(await user.edit(direct, seq, 'once', 'e'))).toBe('twice');
  expect(await refusal(user.edit(direct, other.seq, 'once', 'e'))).toBe('MESSAGE_ID_REUSED');
  expect(await refusal(user.send(direct, 'once', { clientMsgId: 'e' }))).toBe('MESSAGE_ID_REUSED');
  await user.recall(direct, seq, 'r');
  expect((await user.recall(direct, seq, 'r')).seq).toBe(seq);
  expect(await refusal(user.recall(direct, other.seq, 'r'))).toBe('MESSAGE_ID_REUSED');
});

test('a name belongs to one sender and one conversation', async () => {
  await chat.befriend('1', '3');
  expect((await chat.user('1').send(direct, 'one', name)).seq).toBe(2);
  expect((await chat.user('2').send(direct, 'two', name)).seq).toBe(3);
  expect((await chat.user('1').send('s:1:3', 'three', name)).seq).toBe(2);
});

test('however the conversation is called, and whichever way it comes, it is the same message', async () => {
  const sent = await chat.user('1').send('u:2', 'hello', name);
  expect(await chat.user('1').send(direct, 'hello', name)).toEqual(sent);
  const speakFor = { kind: 'apiKey', keyId: 'k', scopes: ['messages'] } as const;
  const request = { toUid: '2', senderUid: '1', clientMsgId: 'mine', content: textContent('hello') };
  const { message } = await chat.client('api-gateway').adminSendMessage(request, { speakFor });
  expect(message).toEqual(sent);
});

test('many times at once is once', async () => {
  const sends = Array.from({ length: 30 }, () => chat.user('1').send(direct, 'hello', name));
  expect(new Set((await Promise.all(sends)).map(({ seq }) => seq))).toEqual(new Set([2]));
  expect((await chat.user('2').conversation(direct)).headSeq).toBe(2);
});

test('a repeat is answered even when the sender may not write any more', async () => {
  const { seq } = await chat.user('1').send(direct, 'hello', name);
  await chat.unfriend('1', '2');
  expect((await chat.user('1').send(direct, 'hello', name)).seq).toBe(seq);
  expect(await refusal(chat.user('1').send(direct, 'hello'))).toBe('DIRECT_NOT_ALLOWED');
});

test('a refused send has not taken its name', async () => {
  expect(await refusal(chat.user('1').send('s:1:3', 'no friend', name))).toBe('DIRECT_NOT_ALLOWED');
  await chat.befriend('1', '3');
  expect((await chat.user('1').send('s:1:3', 'friend now', name)).seq).toBe(2);
});
