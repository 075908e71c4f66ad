import { afterEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { holdWrites } from '../testing/hold-writes.ts';
import { refusal, refusedWith } from '../testing/refusal.ts';

let chat: Chat;
afterEach(() => chat.stop());

async function startWithPeople(settings: Record<string, unknown> = {}): Promise<void> {
  chat = await startChat({ settings });
  await chat.openAccount('1', '2', '3');
}

test('not friends, no longer friends, blocked, disabled or closed on either side: one answer', async () => {
  await startWithPeople();
  const direct = await chat.befriend('1', '2');
  const both = async () => {
    const errors = [
      await refusedWith(chat.user('1').send(direct, 'hi')),
      await refusedWith(chat.user('2').send(direct, 'hi')),
    ];
    return errors.map(({ reason, message, metadata, status }) => ({ reason, message, metadata, status }));
  };
  const stranger = await refusedWith(chat.user('1').send('s:1:3', 'hi'));
  const { reason, message, metadata, status } = stranger;
  expect({ reason, status, metadata }).toEqual({
    reason: 'DIRECT_NOT_ALLOWED',
    status: 'PERMISSION_DENIED',
    metadata: {},
  });
  const same = [
    { reason, message, metadata, status },
    { reason, message, metadata, status },
  ];

  for (const [blocker, blocked] of [
    ['1', '2'],
    ['2', '1'],
  ] as const) {
    await chat.setBlock(blocker, blocked);
    const refused = await refusedWith(chat.user(blocked).send(direct, 'hi'));
    expect({ reason: refused.reason, message: refused.message, metadata: {}, status }).toEqual(same[0]);
    // Who blocks may still write.
    await chat.user(blocker).send(direct, 'hi');
    await chat.setBlock(blocker, blocked, false);
    await chat.user('1').send(direct, 'hi');
  }
  for (const uid of ['1', '2']) {
    await chat.setAccountState(uid, { disabled: true });
    expect(await both()).toEqual(same);
    await chat.setAccountState(uid, { closed: true });
    expect(await both()).toEqual(same);
    await chat.setAccountState(uid, {});
    await chat.user('2').send(direct, 'hi');
  }
  await chat.unfriend('1', '2');
  expect(await both()).toEqual(same);
  await chat.befriend('1', '2');
  await chat.user('1').send(direct, 'hi');
});

test('with directMessages anyone, whoever is not blocked may write, and the first message makes the conversation', async () => {
  await startWithPeople({ directMessages: 'anyone' });
  expect((await chat.user('1').send('u:2', 'hi')).conversationId).toBe('s:1:2');
  expect((await chat.user('2').send('s:1:2', 'hi')).seq).toBe(2);
  await chat.setBlock('2', '1');
  expect(await refusal(chat.user('1').send('u:2', 'hi'))).toBe('DIRECT_NOT_ALLOWED');
  // A block may stand before the first message.
  await chat.setBlock('3', '1');
  expect(await refusal(chat.user('1').send('u:3', 'hi'))).toBe('DIRECT_NOT_ALLOWED');
  expect((await chat.user('3').conversations()).map((each) => each.conversationId)).toEqual([]);
});

test('a block shows nowhere: no event, no sync, no record for anybody', async () => {
  await startWithPeople();
  const direct = await chat.befriend('1', '2');
  const cursors = await Promise.all(['1', '2'].map(async (uid) => (await chat.user(uid).sync()).cursor));
  await chat.setBlock('1', '2');
  for (const [i, uid] of ['1', '2'].entries()) {
    const answer = await chat.user(uid).sync({ cursor: cursors[i]! });
    expect(answer.conversations).toEqual([]);
  }
  expect((await chat.user('2').conversation(direct)).headSeq).toBe(1);
});

test('somebody who does not exist is not found, and absence is not remembered', async () => {
  await startWithPeople({ directMessages: 'anyone' });
  expect(await refusal(chat.user('1').send('u:77', 'hi'))).toBe('USER_NOT_FOUND');
  await chat.openAccount('77');
  expect((await chat.user('1').send('u:77', 'hi')).seq).toBe(1);
});

test('an account that is opened or disabled counts for what is behind it in the same batch', async () => {
  // One partition, so that it is one batch whatever the number of lanes.
  await startWithPeople({ directMessages: 'anyone', partitions: 1 });
  const one = chat.user('1');
  await one.conversations();
  const release = await holdWrites(chat.database);
  const calls: Promise<unknown>[] = [];
  for (const call of [
    // With the store; what follows waits for it and makes one batch.
    () => one.send('u:2', 'first batch'),
    () => one.send('u:77', 'too early'),
    () => chat.openAccount('77'),
    () => one.send('u:77', 'welcome'),
    () => chat.setAccountState('77', { disabled: true }),
    () => one.send('u:77', 'too late'),
  ]) {
    calls.push(call());
    // Answered when the call before has arrived.
    await one.conversations();
  }
  release();
  const reasons = (await Promise.allSettled(calls)).map((each) =>
    each.status === 'rejected' ? each.reason.reason : 'OK',
  );
  expect(reasons).toEqual(['OK', 'USER_NOT_FOUND', 'OK', 'OK', 'OK', 'DIRECT_NOT_ALLOWED']);
});

test("other people's conversations do not exist for a third", async () => {
  await startWithPeople({ directMessages: 'anyone' });
  const direct = await chat.befriend('1', '2');
  const { seq } = await chat.user('1').send(direct, 'private');
  const third = chat.user('3');
  for (const attempt of [
    third.send(direct, 'hi'),
    third.edit(direct, seq, 'hi'),
    third.recall(direct, seq),
    third.hide(direct, seq),
    third.markRead(direct, seq),
    third.update(direct, { pinned: true }),
  ]) {
    expect(await refusal(attempt)).toBe('CONVERSATION_NOT_FOUND');
  }
});

test('ids that are not canonical, and a conversation with oneself, are refused', async () => {
  await startWithPeople({ directMessages: 'anyone' });
  for (const id of ['s:2:1', 's:01:2', 's:1:1', 'u:1', 'x:1', 's:1', 'g:', 'u:0', ' s:1:2']) {
    expect(await refusal(chat.user('1').send(id, 'hi'))).toBe('INVALID_FIELD');
  }
});

test('nobody writes to notices', async () => {
  await startWithPeople();
  expect(await refusal(chat.user('1').send('n:1', 'dear me'))).toBe('READ_ONLY');
  expect(await refusal(chat.user('1').send('n:2', 'dear you'))).toBe('CONVERSATION_NOT_FOUND');
});
