import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { refusal } from '../testing/refusal.ts';
import { refuseRows } from '../testing/refuse-rows.ts';
import { openSharedDatabase, type SharedDatabase } from '../testing/shared-database.ts';
import { createTestClock } from '../testing/test-clock.ts';

// Two instances on one store: whatever one remembers, the other may have changed.

/** Longer than accounts are believed to be as they were. Milliseconds. */
const NO_LONGER_BELIEVED_MS = 1_001;

const clock = createTestClock();
let shared: SharedDatabase;
let one: Chat;
let two: Chat;

beforeEach(async () => {
  shared = await openSharedDatabase();
  one = await startChat({ database: shared.database, clock });
  two = await startChat({ database: shared.database, clock });
  await one.openAccount('1', '2', '3');
});
afterEach(async () => {
  await one.stop();
  await two.stop();
  await shared.remove();
});

test('instances that write in turn leave no gap and no double', async () => {
  const direct = await one.befriend('1', '2');
  for (let seq = 2; seq <= 20; seq += 1) {
    const chat = seq % 3 === 0 ? one : two;
    expect((await chat.user(seq % 2 ? '1' : '2').send(direct, `text ${seq}`)).seq).toBe(seq);
  }
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).user('1').send(direct, `at once ${i}`)),
  );
  expect(all.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(all.map((_, i) => i + 21));
});

test('the same message sent to both at once is stored once', async () => {
  const direct = await one.befriend('1', '2');
  for (let i = 0; i < 10; i += 1) {
    const send = (chat: Chat) => chat.user('1').send(direct, 'once', { clientMsgId: `m${i}` });
    const answers = await Promise.all([send(one), send(two), send(one)]);
    expect(answers.map(({ seq }) => seq)).toEqual([i + 2, i + 2, i + 2]);
  }
});

test('members and policies that the other instance changed count from the next message on', async () => {
  const group = await one.makeGroup('5', ['1', '2']);
  const direct = await one.befriend('1', '2');
  await two.user('2').send(group, 'remembered now');
  await two.user('2').send(direct, 'remembered now');

  await one.removeMembers(group, ['2']);
  expect(await refusal(two.user('2').send(group, 'gone'))).toBe('NOT_A_MEMBER');
  await one.addMembers(group, ['2', '3']);
  expect(textOf(await two.user('3').send(group, 'new'))).toBe('new');

  await one.setBlock('1', '2');
  expect(await refusal(two.user('2').send(direct, 'blocked'))).toBe('DIRECT_NOT_ALLOWED');
  await one.setBlock('1', '2', false);
  await two.user('2').send(direct, 'again');

  await one.setAccountState('1', { disabled: true });
  clock.advance(NO_LONGER_BELIEVED_MS);
  expect(await refusal(two.user('2').send(direct, 'away'))).toBe('DIRECT_NOT_ALLOWED');
});

test('marks and settings of the other instance are kept by what follows', async () => {
  const group = await one.makeGroup('5', ['1', '2']);
  const { seq } = await two.user('1').send(group, 'read me');
  await one.user('2').markRead(group, seq);
  await one.user('2').update(group, { pinned: true, draft: 'hm' });
  const answered = await two.user('2').send(group, 'answer');
  const shown = await one.user('2').conversation(group);
  expect(shown.readSeq).toBe(answered.seq);
  expect(shown.settings).toMatchObject({ pinned: true, draft: 'hm' });
});

test('another epoch makes everything remembered void', async () => {
  const direct = await one.befriend('1', '2');
  await one.user('1').send(direct, 'before');
  // A restore from a backup: less was written, and the counters say what they said by chance.
  const { database } = shared;
  await database.transaction(async (trx) => {
    await trx.deleteFrom('event').where('seq', '=', 2).execute();
    await trx.deleteFrom('message_key').execute();
    await trx
      .updateTable('conversation')
      .set({ head_seq: 1, head_count: 0 })
      .where('head_seq', '=', 2)
      .execute();
    await trx.updateTable('log_partition').set({ epoch: 'restored' }).execute();
  });
  expect((await one.user('1').send(direct, 'after')).seq).toBe(2);
  expect((await two.user('2').send(direct, 'after')).seq).toBe(3);
});

test('a batch that is rolled back leaves nothing in the caches', async () => {
  const group = await one.makeGroup('5', ['1', '2']);
  let { seq } = await one.user('2').send(group, 'remembered now');
  await refuseAppends();
  expect(await refusal(one.makeGroup('6', ['1', '2']))).toBe('INTERNAL_ERROR');
  expect(await refusal(one.user('1').send('g:6', 'nobody'))).toBe('CONVERSATION_NOT_FOUND');
  // Also when the other instance then brings the counter to where the failed batch would have.
  for (const writes of [0, 1, 2, 3]) {
    expect(await refusal(one.removeMembers(group, ['2']))).toBe('INTERNAL_ERROR');
    for (let i = 0; i < writes; i += 1) {
      seq += 1;
      expect((await two.user('1').send(group, 'other instance')).seq).toBe(seq);
    }
    seq += 1;
    expect((await one.user('2').send(group, 'still a member')).seq).toBe(seq);
  }
});

/** From here on the store fails whatever a service appends. */
async function refuseAppends(): Promise<void> {
  await refuseRows(shared, 'insert', 'append_position');
  await refuseRows(shared, 'update', 'append_position');
}
