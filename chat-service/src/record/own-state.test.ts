import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { refusal } from '../testing/refusal.ts';

// Records without a seq: read marks, settings, hidden messages.

let chat: Chat;
let direct: string;

beforeEach(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2');
  direct = await chat.befriend('1', '2');
  for (let i = 2; i <= 6; i += 1) await chat.user('1').send(direct, `text ${i}`);
});
afterEach(() => chat.stop());

test('a read mark moves on, never back, and never beyond the head', async () => {
  const two = chat.user('2');
  expect(await two.markRead(direct, 3)).toMatchObject({ readSeq: 3, unread: 3 });
  expect(await two.markRead(direct, 2)).toMatchObject({ readSeq: 3, unread: 3 });
  expect(await two.markRead(direct, 0)).toMatchObject({ readSeq: 3, unread: 3 });
  expect(await two.markRead(direct, 4_000_000_000)).toMatchObject({ readSeq: 6, unread: 0 });
  await chat.user('1').send(direct, 'text 7');
  expect((await two.conversation(direct)).unread).toBe(1);
  expect((await chat.user('1').conversation(direct)).peerReadSeq).toBe(6);
});

test('many marks at once end at the greatest', async () => {
  const two = chat.user('2');
  await Promise.all([5, 2, 6, 3, 4].map((seq) => two.markRead(direct, seq)));
  expect((await two.conversation(direct)).readSeq).toBe(6);
});

test('what one has written is read; an event is nothing to read', async () => {
  expect(await chat.user('1').conversation(direct)).toMatchObject({ readSeq: 6, unread: 0 });
  await chat.user('2').send(direct, 'answer');
  expect(await chat.user('2').conversation(direct)).toMatchObject({ readSeq: 7, unread: 0 });
  await chat.unfriend('1', '2');
  expect(await chat.user('2').conversation(direct)).toMatchObject({ headSeq: 8, readSeq: 7, unread: 0 });
});

test('what a former member reads ends with the removal', async () => {
  const group = await chat.makeGroup('5', ['1', '2']);
  await chat.user('1').send(group, 'seen');
  await chat.removeMembers(group, ['2']);
  await chat.user('1').send(group, 'unseen');
  expect(await chat.user('2').markRead(group, 99)).toMatchObject({ readSeq: 4, unread: 0 });
});

test('clearing hides what is before for oneself only, and never goes back', async () => {
  const two = chat.user('2');
  expect(await two.update(direct, { clearedSeq: 4 })).toMatchObject({ unread: 2, visibleFromSeq: 5 });
  expect((await two.update(direct, { clearedSeq: 2 })).settings?.clearedSeq).toBe(4);
  expect((await two.messages(direct, { fromSeq: 1 })).messages.map(textOf)).toEqual(['text 5', 'text 6']);
  expect((await chat.user('1').messages(direct, { fromSeq: 1 })).messages).toHaveLength(5);
  expect((await two.update(direct, { clearedSeq: 99 })).settings?.clearedSeq).toBe(6);
  expect((await two.conversation(direct)).unread).toBe(0);
});

test('settings are kept field by field', async () => {
  const two = chat.user('2');
  await two.update(direct, { pinned: true, draft: 'hm' });
  expect((await two.update(direct, { muted: true })).settings).toMatchObject({
    pinned: true,
    muted: true,
    draft: 'hm',
    hidden: false,
  });
  expect((await two.update(direct, { draft: undefined })).settings?.draft).toBe('');
  expect(await refusal(two.update(direct, {}))).toBe('EMPTY_PATCH');
  expect((await chat.user('1').conversation(direct)).settings).toMatchObject({ pinned: false, muted: false });
});

test('what changes nothing is due in nobody’s sync', async () => {
  const two = chat.user('2');
  await two.markRead(direct, 4);
  await two.update(direct, { pinned: true, clearedSeq: 2 });
  await two.hide(direct, 3);
  const cursors = [(await chat.user('1').sync()).cursor, (await two.sync()).cursor];
  await two.markRead(direct, 3);
  await two.update(direct, { pinned: true, clearedSeq: 1 });
  await two.hide(direct, 3);
  expect((await chat.user('1').sync({ cursor: cursors[0]! })).conversations).toEqual([]);
  const own = await two.sync({ cursor: cursors[1]! });
  expect([own.conversations, own.hidden]).toEqual([[], []]);
});

test('a hidden message is hidden for oneself only', async () => {
  await chat.user('2').hide(direct, 3);
  const seen = async (uid: string) =>
    (await chat.user(uid).messages(direct, { fromSeq: 1 })).messages.map(({ seq }) => seq);
  expect(await seen('2')).toEqual([2, 4, 5, 6]);
  expect(await seen('1')).toEqual([2, 3, 4, 5, 6]);
  expect(await refusal(chat.user('2').hide(direct, 1))).toBe('MESSAGE_NOT_FOUND');
  expect(await refusal(chat.user('2').hide(direct, 99))).toBe('MESSAGE_NOT_FOUND');
});
