import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textContent, textOf } from '../testing/chat-user.ts';
import { holdWrites } from '../testing/hold-writes.ts';
import { refusal, refusedWith } from '../testing/refusal.ts';
import { openSendStream, type SendStreamClient, textItem } from '../testing/send-stream-client.ts';

let chat: Chat;
let stream: SendStreamClient;
let direct: string;

beforeEach(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2', '3');
  direct = await chat.befriend('1', '2');
  stream = openSendStream(chat.client('ws-gateway'));
});
afterEach(async () => {
  stream.abort();
  await chat.stop();
});

async function textsOf(conversationId: string): Promise<(string | undefined)[]> {
  const { messages } = await chat.user('2').messages(conversationId, { limit: 200 });
  return messages.map(textOf);
}

test('items that come in one message are stored in their order', async () => {
  const texts = Array.from({ length: 50 }, (_, i) => `text ${i}`);
  const answers = await Promise.all(
    stream.send(texts.map((text) => textItem('1', direct, text, { groupId: 1 }))),
  );
  expect(answers.map(({ seq }) => seq)).toEqual(texts.map((_, i) => i + 2));
  expect(await textsOf(direct)).toEqual(texts);
});

test('a stream whose requests end is answered to the last item and then ends', async () => {
  const items = stream.send([textItem('1', direct, 'a'), textItem('2', direct, 'b')]);
  const ended = stream.end();
  expect((await Promise.all(items)).map(({ seq }) => seq)).toEqual([2, 3]);
  await ended;
});

test('what waits when its stream breaks is not stored behind the back of who sends it again elsewhere', async () => {
  const release = await holdWrites(chat.database);
  stream.send([textItem('1', direct, 'first'), textItem('1', direct, 'second', { groupId: 1 })]);
  // One that is answered at once has come after them.
  expect(await refusal(stream.send([textItem('1', 'nowhere', '')])[0]!)).toBe('INVALID_FIELD');
  stream.abort();
  release();
  const another = openSendStream(chat.client('ws-gateway'));
  await another.send([textItem('1', direct, 'third')])[0];
  another.abort();
  expect(await textsOf(direct)).toEqual(['third']);
});

test('edits and recalls take the same way', async () => {
  const [sent] = stream.send([textItem('1', direct, 'old')]);
  const { seq } = await sent!;
  const edit = { conversationId: direct, seq, clientMsgId: 'e', content: textContent('new') };
  const recall = { conversationId: direct, seq, clientMsgId: 'r' };
  const [edited, recalled] = stream.send([
    { uid: '1', groupId: 1, request: { case: 'editMessage', value: edit } },
    { uid: '1', groupId: 1, request: { case: 'recallMessage', value: recall } },
  ]);
  expect(textOf(await edited!)).toBe('new');
  expect((await recalled!).content).toBeUndefined();
});

test('an item refused for the moment refuses those behind it of its group, and only those', async () => {
  const [before, late, behind, edit, other] = stream.send([
    textItem('1', direct, 'before', { groupId: 1 }),
    textItem('1', direct, 'late', { groupId: 1, timeoutMs: 0 }),
    textItem('1', direct, 'behind', { groupId: 1 }),
    {
      uid: '1',
      groupId: 1,
      request: {
        case: 'editMessage',
        value: { conversationId: direct, seq: 2, clientMsgId: 'e', content: textContent('x') },
      },
    },
    textItem('2', direct, 'other', { groupId: 2 }),
  ]);
  expect((await before!).seq).toBe(2);
  expect(await refusal(late!)).toBe('DEADLINE_PASSED');
  expect(await refusal(behind!)).toBe('EARLIER_SEND_REFUSED');
  expect(await refusal(edit!)).toBe('EARLIER_SEND_REFUSED');
  expect((await other!).seq).toBe(3);
  expect(await textsOf(direct)).toEqual(['before', 'other']);
});

test('a group ends with its message: the next one may use the same number', async () => {
  const [late] = stream.send([textItem('1', direct, 'late', { groupId: 1, timeoutMs: 0 })]);
  expect(await refusal(late!)).toBe('DEADLINE_PASSED');
  const [next] = stream.send([textItem('1', direct, 'next', { groupId: 1 })]);
  expect((await next!).seq).toBe(2);
});

test('an item that the domain refuses, or that is not valid, refuses only itself', async () => {
  const empty = { conversationId: direct, clientMsgId: 'i', content: textContent('') };
  const outcomes = stream.send([
    textItem('1', 's:1:3', 'no friend', { groupId: 1 }),
    { uid: '1', groupId: 1, request: { case: 'sendMessage', value: empty } },
    textItem('1', 'not:an:id', 'nowhere', { groupId: 1 }),
    { uid: '1', groupId: 1 },
    textItem('1', direct, 'once', { groupId: 1, clientMsgId: 'twice' }),
    textItem('1', direct, 'other', { groupId: 1, clientMsgId: 'twice' }),
    textItem('1', direct, 'behind all', { groupId: 1 }),
  ]);
  expect(await refusal(outcomes[0]!)).toBe('DIRECT_NOT_ALLOWED');
  const invalid = await refusedWith(outcomes[1]!);
  expect(invalid.reason).toBe('INVALID_FIELD');
  expect(invalid.metadata.field).toBe('content.text.text');
  expect(await refusal(outcomes[2]!)).toBe('INVALID_FIELD');
  expect(await refusal(outcomes[3]!)).toBe('INVALID_FIELD');
  expect((await outcomes[4]!).seq).toBe(2);
  expect(await refusal(outcomes[5]!)).toBe('MESSAGE_ID_REUSED');
  expect((await outcomes[6]!).seq).toBe(3);
});

test('nobody sends as the system over a stream', async () => {
  const [asSystem, asNobody] = stream.send([textItem('0', direct, 'obey'), textItem('', direct, 'boo')]);
  expect(await refusal(asSystem!)).toBe('ACCESS_DENIED');
  expect(await refusal(asNobody!)).toBe('ACCESS_DENIED');
});

test('an item is answered at its own deadline while the store hangs, and so are those behind it', async () => {
  const release = await holdWrites(chat.database);
  try {
    const [inStore] = stream.send([textItem('1', direct, 'first', { timeoutMs: 100, groupId: 1 })]);
    expect(await refusal(inStore!)).toBe('DEADLINE_PASSED');
    const [waiting, behind] = stream.send([
      textItem('1', direct, 'second', { timeoutMs: 100, groupId: 2 }),
      textItem('1', direct, 'third', { timeoutMs: 20_000, groupId: 2 }),
    ]);
    expect(await refusal(waiting!)).toBe('DEADLINE_PASSED');
    release();
    expect(await refusal(behind!)).toBe('EARLIER_SEND_REFUSED');
  } finally {
    release();
  }
  // The one that was in the store already may be stored; the two others must not be.
  const [again] = stream.send([textItem('1', direct, 'fourth')]);
  await again;
  expect((await textsOf(direct)).filter((text) => text !== 'first')).toEqual(['fourth']);
});
