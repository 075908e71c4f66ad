import { afterEach, expect, test } from 'vitest';
import { type Chat, type ChatOptions, startChat } from '../testing/chat-fixture.ts';
import { noOfflineCache } from '../testing/no-offline-cache.ts';
import { refusedWith } from '../testing/refusal.ts';
import { createSyncedDevice } from '../testing/synced-device.ts';
import { type UserStandIn, userStandIn } from '../testing/user-stand-in.ts';

let chat: Chat;

afterEach(() => chat.stop());

/** A chat in which each of `friends` is a friend of person 1; gives the ids of their conversations. */
async function start(friends: readonly string[] = [], options: ChatOptions = {}): Promise<string[]> {
  chat = await startChat({ offlineCache: noOfflineCache, ...options });
  await chat.openAccount('1', ...friends);
  const ids: string[] = [];
  for (const friend of friends) ids.push(await chat.befriend('1', friend));
  return ids;
}

/** `count` messages from the other one of a direct conversation of person 1. */
async function receive(conversationId: string, count: number): Promise<void> {
  const friend = conversationId.split(':')[2]!;
  await Promise.all(
    Array.from({ length: count }, (_, i) => chat.user(friend).send(conversationId, `text ${i}`)),
  );
}

test('a user without conversations gets a cursor', async () => {
  await start();
  const answer = await chat.user('1').sync();
  expect(answer).toMatchObject({ conversations: [], hidden: [], more: false });
  expect(answer.cursor).not.toBe('');
  expect((await chat.user('1').sync({ cursor: answer.cursor })).cursor).toBe(answer.cursor);
});

test('1,000 missed messages in 50 conversations come in one answer, with a cursor and without', async () => {
  const friends = Array.from({ length: 50 }, (_, i) => String(100 + i));
  const ids = await start(friends);
  const { cursor } = await chat.user('1').sync();
  for (const id of ids) await receive(id, 20);

  for (const request of [{ cursor }, {}]) {
    const answer = await chat.user('1').sync(request);
    expect(answer.more).toBe(false);
    expect(answer.conversations.map(({ conversationId }) => conversationId).sort()).toEqual(ids.sort());
    const messages = answer.conversations.flatMap(({ events }) =>
      events.filter(({ kind }) => kind.case === 'message'),
    );
    expect(messages).toHaveLength(1_000);
    expect(answer.conversations.every(({ complete }) => complete)).toBe(true);
    expect((await chat.user('1').sync({ cursor: answer.cursor })).conversations).toEqual([]);
  }
});

test('a long absence comes whole, however far back it reaches', async () => {
  const [id] = await start(['2']);
  await receive(id!, 100);
  const { cursor } = await chat.user('1').sync();
  await receive(id!, 300);
  const { conversations } = await chat.user('1').sync({ cursor });
  const seqs = conversations[0]?.events.map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: 300 }, (_, i) => i + 102));
  expect(conversations[0]?.complete).toBe(true);
});

test('a conversation that alone exceeds the limit gives its newest events and says so', async () => {
  const [id] = await start(['2']);
  await receive(id!, 9);
  const { conversations, more } = await chat.user('1').sync({ limit: 4 });
  expect(more).toBe(false);
  expect(conversations[0]).toMatchObject({ headSeq: 10, complete: false });
  expect(conversations[0]?.events.map(({ seq }) => seq)).toEqual([7, 8, 9, 10]);
});

test('what does not fit any more comes whole with the next page', async () => {
  const [first, second] = await start(['2', '3']);
  await receive(first!, 3);
  chat.clock.advance(1);
  await receive(second!, 2);
  const one = await chat.user('1').sync({ limit: 5 });
  expect(one.more).toBe(true);
  expect(one.conversations.map(({ conversationId }) => conversationId)).toEqual([second]);
  const two = await chat.user('1').sync({ limit: 5, cursor: one.cursor });
  expect(two.more).toBe(false);
  expect(two.conversations).toMatchObject([{ conversationId: first, complete: true }]);
  expect(two.conversations[0]?.events).toHaveLength(4);
});

test('hidden messages take no room in a page', async () => {
  const [id] = await start(['2']);
  await receive(id!, 3);
  await chat.user('1').hide(id!, 4);
  await chat.user('1').hide(id!, 3);
  const { conversations, hidden } = await chat.user('1').sync({ limit: 2 });
  expect(conversations[0]?.events.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(conversations[0]?.complete).toBe(true);
  expect(hidden).toMatchObject([{ conversationId: id, seqs: [3, 4] }]);
});

test('what moves during a run of pages is served by its last page', async () => {
  const ids = await start(['2', '3', '4']);
  const { cursor } = await chat.user('1').sync();
  for (const id of ids) {
    chat.clock.advance(1);
    await receive(id, 2);
  }
  const one = await chat.user('1').sync({ cursor, limit: 2 });
  expect(one.conversations.map(({ conversationId }) => conversationId)).toEqual([ids[2]]);
  chat.clock.advance(1);
  // One that was served, one that was not yet.
  await receive(ids[2]!, 1);
  await receive(ids[0]!, 1);
  const two = await chat.user('1').sync({ cursor: one.cursor, limit: 2 });
  expect(two.conversations.map(({ conversationId }) => conversationId)).toContain(ids[1]);
  const pages = [two];
  for (let last = two; last.more; pages.push(last)) {
    last = await chat.user('1').sync({ cursor: last.cursor, limit: 2 });
  }
  const late = pages.flatMap(({ conversations }) => conversations);
  // Back to the cursor that the run began with, so far as the limit lets them.
  expect(late.find(({ conversationId }) => conversationId === ids[0])).toMatchObject({
    complete: false,
    headSeq: 4,
  });
  expect(late.find(({ conversationId }) => conversationId === ids[2])).toMatchObject({
    complete: false,
    headSeq: 4,
  });
});

test('a cursor is taken in the middle of a run after a restart', async () => {
  const ids = await start(['2', '3', '4']);
  for (const id of ids) await receive(id, 2);
  const device = createSyncedDevice(chat.user('1'));
  await device.syncPage(2);
  await chat.restart();
  await device.sync(2);
  expect(device.conversationIds().sort()).toEqual(ids.sort());
});

test('an unreadable cursor is refused', async () => {
  await start();
  for (const cursor of ['x', 'e30', 'bm90IGEgY3Vyc29y']) {
    const error = await refusedWith(chat.user('1').sync({ cursor }));
    expect(error).toMatchObject({ reason: 'CURSOR_INVALID', status: 'INVALID_ARGUMENT' });
    expect(error.metadata.field).toBe('cursor');
  }
});

test('a cursor of a store with other partitions is refused', async () => {
  await start();
  const { cursor } = await chat.user('1').sync();
  await chat.database.transaction((trx) =>
    trx.deleteFrom('log_partition').where('partition_id', '=', 63).execute(),
  );
  expect(await refusedWith(chat.user('1').sync({ cursor }))).toMatchObject({ reason: 'CURSOR_INVALID' });
});

test('on another epoch everything comes afresh', async () => {
  const [id] = await start(['2', '3']);
  await receive(id!, 2);
  const before = await chat.user('1').sync();
  await chat.database.transaction((trx) =>
    trx.updateTable('log_partition').set({ epoch: 'restored' }).execute(),
  );
  const after = await chat.user('1').sync({ cursor: before.cursor });
  expect(after.epoch).toBe('restored');
  expect(after.epoch).not.toBe(before.epoch);
  expect(after.conversations).toHaveLength(2);
  expect(after.conversations.every(({ complete }) => complete)).toBe(true);
  expect((await chat.user('1').sync({ cursor: after.cursor })).conversations).toEqual([]);
});

test('a run of pages that another epoch breaks begins anew', async () => {
  const ids = await start(['2', '3']);
  for (const id of ids) await receive(id, 2);
  const { cursor } = await chat.user('1').sync({ limit: 3 });
  await chat.database.transaction((trx) =>
    trx.updateTable('log_partition').set({ epoch: 'restored' }).execute(),
  );
  const device = createSyncedDevice(chat.user('1'));
  device.cursor = cursor;
  await device.sync();
  expect(device.conversationIds().sort()).toEqual(ids.sort());
});

test('a block shows nowhere', async () => {
  const [id] = await start(['2']);
  const cursors = [(await chat.user('1').sync()).cursor, (await chat.user('2').sync()).cursor];
  await chat.setBlock('1', '2');
  await chat.setBlock('2', '1');
  expect(await chat.user('1').sync({ cursor: cursors[0] })).toMatchObject({ conversations: [], hidden: [] });
  expect(await chat.user('2').sync({ cursor: cursors[1] })).toMatchObject({ conversations: [], hidden: [] });
  expect((await chat.user('2').conversation(id!)).headSeq).toBe(1);
});

test('a conversation without events is shown to nobody', async () => {
  await start();
  await chat.openAccount('2');
  await chat.setBlock('1', '2');
  expect((await chat.user('1').sync()).conversations).toEqual([]);
  expect(await chat.user('1').conversations()).toEqual([]);
  for (const call of [chat.user('1').conversation('u:2'), chat.user('1').messages('u:2')]) {
    expect(await refusedWith(call)).toMatchObject({ reason: 'CONVERSATION_NOT_FOUND' });
  }
});

test('notices come in sync but not in the list, and to their owner alone', async () => {
  await start();
  await chat.openAccount('2');
  await chat.append('friend-service', 'n:1', { case: 'notifyFriendAdded', value: { uid: '2' } });
  const { conversations } = await chat.user('1').sync();
  expect(conversations.map(({ conversationId }) => conversationId)).toEqual(['n:1']);
  expect(conversations[0]?.events[0]?.kind.case).toBe('friendAdded');
  expect(await chat.user('1').conversations()).toEqual([]);
  expect((await chat.user('2').sync()).conversations).toEqual([]);
  expect(await refusedWith(chat.user('2').messages('n:1'))).toMatchObject({ status: 'NOT_FOUND' });
});

test('what happens in a group after one left it makes nothing due', async () => {
  await start();
  await chat.openAccount('2');
  const group = await chat.makeGroup('7', ['1', '2']);
  await chat.removeMembers(group, ['2']);
  const { cursor, conversations } = await chat.user('2').sync();
  expect(conversations[0]).toMatchObject({ leftSeq: 3, headSeq: 3 });
  await chat.user('1').send(group, 'behind their back');
  expect((await chat.user('2').sync({ cursor })).conversations).toEqual([]);
});

test('the profile comes when it changed, and stays due while user-service is away', async () => {
  const users: UserStandIn = userStandIn();
  await start([], { modules: [[users.module, {}]] });
  users.put({ uid: '1', nickname: 'before' });
  const first = await chat.user('1').sync();
  expect(first.profile?.nickname).toBe('before');
  expect((await chat.user('1').sync({ cursor: first.cursor })).profile).toBeUndefined();

  users.put({ uid: '1', nickname: 'after' });
  await chat.append('user-service', 'n:1', { case: 'changeProfile', value: {} });
  users.away = true;
  const without = await chat.user('1').sync({ cursor: first.cursor });
  expect(without.profile).toBeUndefined();
  const again = await chat.user('1').sync({ cursor: without.cursor });
  expect(again.profile).toBeUndefined();
  users.away = false;
  const late = await chat.user('1').sync({ cursor: again.cursor });
  expect(late.profile?.nickname).toBe('after');
  expect((await chat.user('1').sync({ cursor: late.cursor })).profile).toBeUndefined();
});

test('a profile that is owed comes with the last page of the next run', async () => {
  const users = userStandIn();
  const ids = await start(['2', '3'], { modules: [[users.module, {}]] });
  users.put({ uid: '1', nickname: 'uno' });
  users.away = true;
  const { cursor } = await chat.user('1').sync();
  users.away = false;
  for (const id of ids) await receive(id, 1);
  const one = await chat.user('1').sync({ cursor, limit: 1 });
  expect([one.more, one.profile]).toEqual([true, undefined]);
  const two = await chat.user('1').sync({ cursor: one.cursor, limit: 1 });
  expect([two.more, two.profile?.nickname]).toEqual([false, 'uno']);
});

test('a direct conversation comes with its peer, and without while user-service is away', async () => {
  const users = userStandIn();
  await start(['2'], { modules: [[users.module, {}]] });
  users.put({ uid: '2', nickname: 'two' });
  users.away = true;
  expect((await chat.user('1').sync()).conversations[0]?.peer).toBeUndefined();
  users.away = false;
  expect((await chat.user('1').sync()).conversations[0]?.peer?.nickname).toBe('two');
  // Remembered for a minute.
  users.put({ uid: '2', nickname: 'deux' });
  users.away = true;
  expect((await chat.user('1').sync()).conversations[0]?.peer?.nickname).toBe('two');
  users.away = false;
  chat.clock.advance(60_000);
  expect((await chat.user('1').sync()).conversations[0]?.peer?.nickname).toBe('deux');
});
