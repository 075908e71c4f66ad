import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { refusal } from '../testing/refusal.ts';

const WINDOW_SECONDS = 60;

let chat: Chat;
let direct: string;

beforeEach(async () => {
  chat = await startChat({ settings: { editWindowSeconds: WINDOW_SECONDS } });
  await chat.openAccount('1', '2');
  direct = await chat.befriend('1', '2');
});
afterEach(() => chat.stop());

test('an edit is an event; the message has the newest text, its place, and the time of the edit', async () => {
  const sent = await chat.user('1').send(direct, 'first', { replyToSeq: 1, mentions: { uids: ['2'] } });
  chat.clock.advance(1_000);
  const editedAt = new Date(chat.clock.now()).toISOString();
  const edited = await chat.user('1').edit(direct, sent.seq, 'second');
  expect(edited).toEqual({ ...sent, content: edited.content, editedAt, asOfSeq: 3 });
  expect(textOf(edited)).toBe('second');
  await chat.user('1').edit(direct, sent.seq, 'third');
  const { messages, events } = await chat.user('2').messages(direct, { fromSeq: 2 });
  expect(messages.map(textOf)).toEqual(['third']);
  expect(messages[0]).toMatchObject({
    clientMsgId: sent.clientMsgId,
    replyToSeq: 1,
    mentions: { uids: ['2'] },
  });
  expect(events.map(({ seq, kind }) => [seq, kind.case])).toEqual([
    [3, 'edited'],
    [4, 'edited'],
  ]);
  // An edit is nothing new to read.
  expect((await chat.user('2').conversation(direct)).unread).toBe(1);
});

test('only its sender edits a message', async () => {
  const { seq } = await chat.user('1').send(direct, 'mine');
  expect(await refusal(chat.user('2').edit(direct, seq, 'yours'))).toBe('NOT_THE_SENDER');
});

test('only text is edited, and only into text', async () => {
  const card = { kind: { case: 'card', value: { uid: '2' } } } as const;
  const { seq } = await chat.user('1').send(direct, '', { content: card });
  expect(await refusal(chat.user('1').edit(direct, seq, 'text'))).toBe('ONLY_TEXT_EDITED');
  const text = await chat.user('1').send(direct, 'text');
  const request = { conversationId: direct, seq: text.seq, clientMsgId: 'e', content: card };
  const speakFor = { kind: 'user', uid: '1', sessionId: 's' } as const;
  expect(await refusal(chat.client('api-gateway').editMessage(request, { speakFor }))).toBe(
    'ONLY_TEXT_EDITED',
  );
});

test('the window is open up to its last millisecond', async () => {
  const { seq } = await chat.user('1').send(direct, 'first');
  chat.clock.advance(WINDOW_SECONDS * 1_000);
  await chat.user('1').edit(direct, seq, 'just in time', 'in time');
  chat.clock.advance(1);
  expect(await refusal(chat.user('1').edit(direct, seq, 'too late'))).toBe('EDIT_WINDOW_PASSED');
  // A repeat is answered at any time.
  expect(textOf(await chat.user('1').edit(direct, seq, 'just in time', 'in time'))).toBe('just in time');
});

test('a recalled message, an event and a seq that is not there are not edited', async () => {
  const { seq } = await chat.user('1').send(direct, 'first');
  await chat.user('1').recall(direct, seq);
  expect(await refusal(chat.user('1').edit(direct, seq, 'again'))).toBe('MESSAGE_RECALLED');
  expect(await refusal(chat.user('1').edit(direct, 1, 'friendAdded'))).toBe('MESSAGE_NOT_FOUND');
  expect(await refusal(chat.user('1').edit(direct, 99, 'nothing'))).toBe('MESSAGE_NOT_FOUND');
});

test('who may no longer write may no longer edit', async () => {
  const { seq } = await chat.user('1').send(direct, 'first');
  await chat.setBlock('2', '1');
  expect(await refusal(chat.user('1').edit(direct, seq, 'second'))).toBe('DIRECT_NOT_ALLOWED');
});

test('an edit of what was cleared away is refused', async () => {
  const { seq } = await chat.user('1').send(direct, 'first');
  await chat.user('1').update(direct, { clearedSeq: seq });
  expect(await refusal(chat.user('1').edit(direct, seq, 'second'))).toBe('MESSAGE_NOT_FOUND');
});

test('send, edits and recall of one message all at once end as one history', async () => {
  const user = chat.user('1');
  const { seq } = await user.send(direct, 'zero');
  const outcomes = await Promise.allSettled([
    user.edit(direct, seq, 'one'),
    user.edit(direct, seq, 'two'),
    user.recall(direct, seq),
    user.edit(direct, seq, 'three'),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  const { messages, events } = await chat.user('2').messages(direct, { fromSeq: 2 });
  expect(messages[0]!.content).toBeUndefined();
  expect(events.map(({ kind }) => kind.case)).toEqual(['edited', 'edited', 'recalled']);
});

test('a message is edited a thousand times and no more, and can be recalled then', async () => {
  const { seq } = await chat.user('1').send(direct, 'the first');
  for (let i = 1; i <= 1_000; i++) await chat.user('1').edit(direct, seq, `edit ${i}`);
  expect(await refusal(chat.user('1').edit(direct, seq, 'once more'))).toBe('TOO_MANY_EDITS');
  const recalled = await chat.user('1').recall(direct, seq);
  expect(recalled.content).toBeUndefined();
});
