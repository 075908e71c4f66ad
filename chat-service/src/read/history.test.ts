import { HistoryPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { refusal } from '../testing/refusal.ts';
import { seenEvent, seenMessage } from '../testing/seen.ts';

let chat: Chat;
let groups = 0;

beforeAll(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2', '3');
});
afterAll(() => chat.stop());

/** A group of persons 1 and 2 (seqs 1 and 2) in which person 1 has said `count` things. */
async function group(count: number): Promise<string> {
  groups += 1;
  const id = await chat.makeGroup(String(groups), ['1', '2']);
  for (let i = 0; i < count; i++) await chat.user('1').send(id, `text ${i + 3}`);
  return id;
}

async function seqs(
  uid: string,
  id: string,
  range: Parameters<ReturnType<Chat['user']>['messages']>[1] = {},
) {
  const { messages, events, fromSeq, toSeq } = await chat.user(uid).messages(id, range);
  return { messages: messages.map(({ seq }) => seq), events: events.map(({ seq }) => seq), fromSeq, toSeq };
}

test('a range holds its messages and its other events, both ends included', async () => {
  const id = await group(4);
  expect(await seqs('2', id, { fromSeq: 2, toSeq: 4 })).toEqual({
    messages: [3, 4],
    events: [2],
    fromSeq: 2,
    toSeq: 4,
  });
});

test('a long range is cut at its upper end, and pages cover all of it', async () => {
  const id = await group(6);
  expect(await seqs('2', id, { fromSeq: 1, toSeq: 8, limit: 3 })).toMatchObject({ fromSeq: 1, toSeq: 3 });
  expect(await seqs('2', id, { fromSeq: 4, toSeq: 8, limit: 3 })).toMatchObject({ messages: [4, 5, 6] });
  expect(await seqs('2', id, { fromSeq: 7, toSeq: 99, limit: 3 })).toMatchObject({
    messages: [7, 8],
    toSeq: 8,
  });
});

test('the newest, and what lies below a seq', async () => {
  const id = await group(6);
  expect(await seqs('2', id, { limit: 2 })).toMatchObject({ messages: [7, 8], fromSeq: 7, toSeq: 8 });
  expect(await seqs('2', id, { beforeSeq: 7, limit: 2 })).toMatchObject({
    messages: [5, 6],
    fromSeq: 5,
    toSeq: 6,
  });
  expect(await seqs('2', id, { beforeSeq: 1 })).toMatchObject({ messages: [], events: [] });
});

test('no range is longer than 200, and a limit above is refused', async () => {
  const id = await group(0);
  expect(await refusal(chat.user('2').messages(id, { limit: 201 }))).toBe('INVALID_FIELD');
  expect(await refusal(chat.user('2').messages(id, { fromSeq: 0 }))).toBe('INVALID_FIELD');
});

test('messages are in their present state, true up to the head', async () => {
  const id = await group(2);
  await chat.user('1').edit(id, 3, 'edited');
  await chat.user('1').recall(id, 4);
  const { messages, events } = await chat.user('2').messages(id, { fromSeq: 3 });
  expect(messages).toMatchObject([
    { seq: 3, asOfSeq: 6, editedAt: expect.any(String) },
    { seq: 4, asOfSeq: 6, recalledAt: expect.any(String) },
  ]);
  expect(messages.map(textOf)).toEqual(['edited', undefined]);
  expect(events.map(({ seq, kind }) => [seq, kind.case])).toEqual([
    [5, 'edited'],
    [6, 'recalled'],
  ]);
});

test('an edit of a recalled message shows no text', async () => {
  const id = await group(1);
  await chat.user('1').edit(id, 3, 'regretted');
  await chat.user('1').recall(id, 3);
  const { events } = await chat.user('2').messages(id, { fromSeq: 4 });
  expect(events.map(seenEvent)).toMatchObject([{ targetSeq: 3, text: undefined }, { targetSeq: 3 }]);
});

test('what was cleared is covered and empty', async () => {
  const id = await group(4);
  await chat.user('2').update(id, { clearedSeq: 4 });
  expect(await seqs('2', id, { fromSeq: 1, toSeq: 5 })).toEqual({
    messages: [5],
    events: [],
    fromSeq: 1,
    toSeq: 5,
  });
  expect((await seqs('1', id, { fromSeq: 1 })).messages).toEqual([3, 4, 5, 6]);
});

test('an edit of a cleared or hidden message shows no text', async () => {
  const id = await group(3);
  await chat.user('2').update(id, { clearedSeq: 3 });
  await chat.user('2').hide(id, 4);
  await chat.user('1').edit(id, 3, 'of the cleared one');
  await chat.user('1').edit(id, 4, 'of the hidden one');
  const { messages, events } = await chat.user('2').messages(id);
  expect(messages.map(({ seq }) => seq)).toEqual([5]);
  expect(events.map(({ kind }) => kind.case === 'edited' && kind.value.content)).toEqual([
    undefined,
    undefined,
  ]);
});

test('a hidden message is missing for who hid it, on its own', async () => {
  const id = await group(3);
  await chat.user('2').hide(id, 4);
  expect((await seqs('2', id)).messages).toEqual([3, 5]);
  expect((await seqs('1', id)).messages).toEqual([3, 4, 5]);
});

test('who joins later sees all before, or nothing of it', async () => {
  const id = await group(2);
  await chat.addMembers(id, ['3'], { history: HistoryPolicy_Value.FROM_JOIN });
  await chat.user('1').send(id, 'welcome');
  await chat.user('1').edit(id, 3, 'not for the new one');
  const seen = await chat.user('3').messages(id, { fromSeq: 1 });
  expect(seen.fromSeq).toBe(1);
  expect(seen.messages.map(({ seq }) => seq)).toEqual([6]);
  expect(seen.events.map(({ seq }) => seq)).toEqual([5, 7]);
  expect(seenEvent(seen.events[1]!)).toMatchObject({ targetSeq: 3, text: undefined });
  expect(await refusal(chat.user('3').hide(id, 3))).toBe('MESSAGE_NOT_FOUND');

  await chat.addMembers(id, ['4'], { history: HistoryPolicy_Value.ALL });
  expect((await seqs('4', id)).messages).toEqual([3, 4, 6]);
});

test('who was away sees nothing of that time, also of what they had seen before', async () => {
  const id = await group(2);
  await chat.user('1').edit(id, 4, 'seen');
  await chat.removeMembers(id, ['2']);
  const left = 6;
  await chat.user('1').edit(id, 3, 'behind their back');
  await chat.user('1').edit(id, 4, 'behind their back');
  await chat.user('1').send(id, 'among us');

  const former = await chat.user('2').messages(id, { fromSeq: 3, toSeq: 99 });
  expect(former.toSeq).toBe(left);
  expect(former.messages.map(textOf)).toEqual(['text 3', 'seen']);
  expect(former.messages.map(({ asOfSeq }) => asOfSeq)).toEqual([left, left]);
  const { lastMessage } = await chat.user('2').conversation(id);
  expect(textOf(lastMessage)).toBe('seen');

  await chat.addMembers(id, ['2'], { history: HistoryPolicy_Value.FROM_JOIN });
  const back = await chat.user('2').messages(id, { fromSeq: 3 });
  expect(back.messages.map(textOf)).toEqual(['text 3', 'seen']);
  expect(back.events.map(({ seq }) => seq)).toEqual([5, 6, 10]);
  await chat.user('1').edit(id, 3, 'for all');
  expect((await chat.user('2').messages(id, { fromSeq: 3 })).messages.map(textOf)).toEqual([
    'for all',
    'seen',
  ]);
});

test('what was recalled while one was away shows nothing any more', async () => {
  const id = await group(1);
  await chat.removeMembers(id, ['2']);
  await chat.user('1').edit(id, 3, 'behind their back');
  await chat.user('1').recall(id, 3);
  const { messages } = await chat.user('2').messages(id);
  expect(messages.map(seenMessage)).toMatchObject([
    { seq: 3, text: undefined, editedAt: undefined, recalledAt: expect.any(String) },
  ]);
});

test('a conversation is not there for strangers, nor is one that nobody has', async () => {
  const id = await group(1);
  const direct = await chat.befriend('1', '2');
  for (const other of [id, direct, 'n:1', 's:1:9', 'g:999', 'u:9']) {
    expect(await refusal(chat.user('3').messages(other))).toBe('CONVERSATION_NOT_FOUND');
    expect(await refusal(chat.user('3').conversation(other))).toBe('CONVERSATION_NOT_FOUND');
  }
  for (const wrong of ['s:2:1', 's:1:1', 'g:01', 'x:1', 'g:', 'u:3']) {
    expect(await refusal(chat.user('3').messages(wrong))).toBe('INVALID_FIELD');
  }
});

test('u:<uid> is the direct conversation with that user, and answers carry its real id', async () => {
  const id = await chat.befriend('1', '3');
  await chat.user('1').send('u:3', 'hello');
  expect((await chat.user('3').messages('u:1')).messages[0]?.conversationId).toBe(id);
  expect((await chat.user('3').conversation('u:1')).conversationId).toBe(id);
  expect((await chat.user('3').update('u:1', { muted: true })).conversationId).toBe(id);
});
