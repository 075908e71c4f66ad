import { HistoryPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';

let chat: Chat;
let groups = 0;
/** A group of persons 1 and 2: its first two events. */
let group: string;

beforeAll(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2', '3');
});
beforeEach(async () => {
  groups += 1;
  group = await chat.makeGroup(String(groups), ['1', '2']);
});
afterAll(() => chat.stop());

const unread = async (uid: string) => (await chat.user(uid).conversation(group)).unread;
const mentions = async (uid: string) => (await chat.user(uid).conversation(group)).mentionSeqs;

test('messages of others count as unread, what else happens does not', async () => {
  await chat.user('1').send(group, 'one');
  await chat.addMembers(group, ['3']);
  await chat.user('1').edit(group, 3, 'edited');
  await chat.user('1').send(group, 'two');
  expect(await unread('2')).toBe(2);
});

test('what one has written is read, and so is all before it', async () => {
  await chat.user('1').send(group, 'one');
  await chat.user('2').send(group, 'answer');
  expect(await chat.user('2').conversation(group)).toMatchObject({ unread: 0, readSeq: 4 });
  expect(await unread('1')).toBe(1);
});

test('a read mark counts from where it stands, and never goes back', async () => {
  for (const text of ['one', 'two', 'three']) await chat.user('1').send(group, text);
  expect(await chat.user('2').markRead(group, 4)).toMatchObject({ readSeq: 4, unread: 1 });
  expect(await chat.user('2').markRead(group, 3)).toMatchObject({ readSeq: 4, unread: 1 });
  expect(await unread('2')).toBe(1);
  expect(await chat.user('2').markRead(group, 99)).toMatchObject({ readSeq: 5, unread: 0 });
});

test('what was cleared is not unread', async () => {
  for (const text of ['one', 'two', 'three']) await chat.user('1').send(group, text);
  expect(await chat.user('2').update(group, { clearedSeq: 4 })).toMatchObject({
    unread: 1,
    visibleFromSeq: 5,
    settings: { clearedSeq: 4 },
  });
  expect(await chat.user('2').update(group, { clearedSeq: 1 })).toMatchObject({
    settings: { clearedSeq: 4 },
  });
});

test('who joins begins with nothing unread, or with all that they may see', async () => {
  await chat.user('1').send(group, 'before');
  await chat.addMembers(group, ['3'], { history: HistoryPolicy_Value.FROM_JOIN });
  expect(await chat.user('3').conversation(group)).toMatchObject({ unread: 0, visibleFromSeq: 4 });
  await chat.addMembers(group, ['4'], { history: HistoryPolicy_Value.ALL });
  expect(await chat.user('4').conversation(group)).toMatchObject({ unread: 1, visibleFromSeq: 1 });
  await chat.user('1').send(group, 'after');
  expect([await unread('3'), await unread('4')]).toEqual([1, 2]);
});

test('mentions of oneself and of everybody are shown while they are unread', async () => {
  await chat.user('1').send(group, 'you', { mentions: { uids: ['2'] } });
  await chat.user('1').send(group, 'others', { mentions: { uids: ['3'] } });
  await chat.user('1').send(group, 'all', { mentions: { all: true } });
  await chat.user('1').send(group, 'both', { mentions: { uids: ['2'], all: true } });
  expect(await mentions('2')).toEqual([3, 5, 6]);
  expect(await mentions('1')).toEqual([]);
  await chat.user('2').markRead(group, 4);
  expect(await mentions('2')).toEqual([5, 6]);
  await chat.user('2').hide(group, 5);
  expect(await mentions('2')).toEqual([6]);
  await chat.user('2').update(group, { clearedSeq: 6 });
  expect(await mentions('2')).toEqual([]);
});

test('an edit mentions nobody', async () => {
  await chat.user('1').send(group, 'nobody');
  await chat.user('1').edit(group, 3, '@2');
  expect(await mentions('2')).toEqual([]);
});

test('a hundred mentions before one joined hide none after it', async () => {
  const everybody = { mentions: { all: true } };
  for (let sent = 0; sent < 101; sent++) await chat.user('1').send(group, 'all', everybody);
  await chat.addMembers(group, ['3'], { history: HistoryPolicy_Value.FROM_JOIN });
  const { seq } = await chat.user('1').send(group, 'all', everybody);
  expect(await mentions('3')).toEqual([seq]);
  // The oldest of many come first.
  const all = await mentions('2');
  expect([all.length, all[0]]).toEqual([100, 3]);
});

test('in a direct conversation the peer’s mark is shown, in a group nobody’s', async () => {
  const direct = await chat.befriend('1', '2');
  await chat.user('1').send(direct, 'one');
  expect((await chat.user('1').conversation(direct)).peerReadSeq).toBe(0);
  await chat.user('2').markRead(direct, 2);
  expect((await chat.user('1').conversation(direct)).peerReadSeq).toBe(2);
  await chat.user('2').send(direct, 'two');
  expect((await chat.user('1').conversation(direct)).peerReadSeq).toBe(3);
  expect((await chat.user('1').conversation(group)).peerReadSeq).toBeUndefined();
});

test('for a former member everything stops at the event that removed them', async () => {
  await chat.user('1').send(group, 'one', { mentions: { uids: ['2'] } });
  chat.clock.advance(1_000);
  await chat.removeMembers(group, ['2']);
  const leftAt = new Date(chat.clock.now()).toISOString();
  chat.clock.advance(1_000);
  await chat.user('1').send(group, 'two', { mentions: { uids: ['2'] } });
  const left = await chat.user('2').conversation(group);
  expect(left).toMatchObject({
    headSeq: 4,
    leftSeq: 4,
    unread: 1,
    mentionSeqs: [3],
    updatedAt: leftAt,
    lastMessage: { seq: 3 },
  });
  expect((await chat.user('2').conversations()).find((each) => each.conversationId === group)).toEqual(left);
  await chat.addMembers(group, ['2']);
  expect((await chat.user('2').conversation(group)).leftSeq).toBeUndefined();
});

test('the last message is the newest that one may see and has not hidden', async () => {
  const last = async () => textOf((await chat.user('2').conversation(group)).lastMessage);
  expect(await last()).toBeUndefined();
  await chat.user('1').send(group, 'first');
  const seqs = [];
  for (let i = 0; i < 60; i++) seqs.push((await chat.user('1').send(group, `text ${i}`)).seq);
  expect(await last()).toBe('text 59');
  for (const seq of seqs) await chat.user('2').hide(group, seq);
  expect(await last()).toBe('first');
  await chat.removeMembers(group, ['2']);
  for (let i = 0; i < 60; i++) await chat.user('1').send(group, `behind their back ${i}`);
  expect(await last()).toBe('first');
  await chat.addMembers(group, ['2'], { history: HistoryPolicy_Value.FROM_JOIN });
  expect(await last()).toBe('first');
});

test('settings are one’s own, and what is not named stays', async () => {
  await chat.user('2').update(group, { muted: true, draft: 'half a tho' });
  expect(await chat.user('2').update(group, { pinned: true })).toMatchObject({
    settings: { muted: true, pinned: true, hidden: false, draft: 'half a tho' },
  });
  expect((await chat.user('1').conversation(group)).settings).toMatchObject({ muted: false, draft: '' });
});
