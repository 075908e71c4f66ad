import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { refusal } from '../testing/refusal.ts';

let chat: Chat;
let direct: string;

beforeAll(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2');
  direct = await chat.befriend('1', '2');
  await chat.user('2').send(direct, 'hello');
});
afterAll(() => chat.stop());

const update = (request: object, paths: string[]) =>
  chat
    .client('api-gateway')
    .updateConversation(
      { conversationId: direct, ...request, updateMask: { paths } },
      { speakFor: { kind: 'user', uid: '1', sessionId: 's' } },
    )
    .then(({ conversation }) => conversation!.settings);

test('only what the mask names is changed', async () => {
  expect(await update({ muted: true, pinned: true, draft: 'a' }, ['muted', 'draft'])).toMatchObject({
    muted: true,
    pinned: false,
    draft: 'a',
  });
});

test('what is named and absent goes back to its default', async () => {
  await update({ muted: true, hidden: true, draft: 'a' }, ['muted', 'hidden', 'draft']);
  expect(await update({}, ['muted', 'hidden', 'draft'])).toMatchObject({
    muted: false,
    hidden: false,
    draft: '',
  });
});

test('what was cleared stays cleared, and no more than there is', async () => {
  expect(await update({ clearedSeq: 1 }, ['cleared_seq'])).toMatchObject({ clearedSeq: 1 });
  expect(await update({}, ['cleared_seq'])).toMatchObject({ clearedSeq: 1 });
  expect(await update({ clearedSeq: 1_000 }, ['cleared_seq'])).toMatchObject({ clearedSeq: 2 });
});

test('naming nothing is refused', async () => {
  expect(await refusal(update({ muted: true }, []))).toBe('EMPTY_PATCH');
});

test('each of one’s devices finds the change in sync, nobody else does', async () => {
  const cursors = [(await chat.user('1').sync()).cursor, (await chat.user('2').sync()).cursor];
  await chat.user('1').update(direct, { draft: 'for later' });
  const own = await chat.user('1').sync({ cursor: cursors[0] });
  expect(own.conversations).toMatchObject([
    { conversationId: direct, events: [], complete: true, settings: { draft: 'for later' } },
  ]);
  expect((await chat.user('2').sync({ cursor: cursors[1] })).conversations).toEqual([]);
});

test('a change that changes nothing is not shown again', async () => {
  await chat.user('1').update(direct, { pinned: true });
  const { cursor } = await chat.user('1').sync();
  await chat.user('1').update(direct, { pinned: true });
  expect((await chat.user('1').sync({ cursor })).conversations).toEqual([]);
});
