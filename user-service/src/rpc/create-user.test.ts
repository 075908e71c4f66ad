import { expect, test } from 'vitest';
import { asUser, PASSWORD, startUsers } from '../testing/start-users.ts';

/** Longer than a busy machine needs. */
const PATIENCE = { timeout: 10_000 };

test('an account is made with a folded username and the name as given for a nickname', async () => {
  const { api, process } = await startUsers();
  const { user } = await api.createUser({ username: 'ＡliceÉ', password: PASSWORD });
  expect(user).toMatchObject({
    username: 'aliceé',
    nickname: 'ＡliceÉ',
    avatarUrl: '',
    bio: '',
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  expect(user?.uid).toMatch(/^[1-9][0-9]{0,15}$/);
  expect(user?.settings).toBeUndefined();
  expect(user?.externalId).toBeUndefined();
  await process.restart();
  const read = await api.getUser({ uid: user!.uid }, asUser('1'));
  expect(read.user).toEqual(user);
});

test('a nickname may be chosen', async () => {
  const { api } = await startUsers();
  const { user } = await api.createUser({ username: 'alice', password: PASSWORD, nickname: '小爱' });
  expect(user?.nickname).toBe('小爱');
});

test('a username is taken in every way of writing it', async () => {
  const { api, register } = await startUsers();
  await register('alice');
  for (const username of ['alice', 'ALICE', 'Ａｌｉｃｅ']) {
    await expect(api.createUser({ username, password: PASSWORD })).rejects.toMatchObject({
      reason: 'USERNAME_TAKEN',
    });
  }
});

test('of many who register one name at once, one gets it', async () => {
  const { register } = await startUsers();
  const results = await Promise.allSettled(
    ['bob', 'Bob', 'BOB', 'ｂob', 'boB'].map((name) => register(name)),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ reason: 'USERNAME_TAKEN' });
  }
});

test.each([
  [{ username: 'ab', password: PASSWORD }, 'username'],
  [{ username: 'a b c', password: PASSWORD }, 'username'],
  [{ username: 'alice', password: 'seven77' }, 'password'],
  [{ username: 'alice', password: 'x'.repeat(129) }, 'password'],
  [{ username: 'alice', password: PASSWORD, nickname: ' ' }, 'nickname'],
  [{ username: 'alice', password: PASSWORD, nickname: 'x'.repeat(65) }, 'nickname'],
])('%o is refused', async (request, field) => {
  const { api } = await startUsers();
  await expect(api.createUser(request)).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
    metadata: { field },
  });
});

test('closed registration refuses', async () => {
  const { api } = await startUsers({ registration: 'closed' });
  await expect(api.createUser({ username: 'alice', password: PASSWORD })).rejects.toMatchObject({
    reason: 'REGISTRATION_CLOSED',
    httpStatus: 403,
  });
});

test('on return the account can be written to', async () => {
  const { register, chat } = await startUsers();
  const uid = await register('alice');
  expect(chat.toldOf(uid)).toEqual([[1, 'openAccount']]);
});

test('while chat-service is away accounts are made, and it learns of them when it is back, also after a restart', async () => {
  const { register, chat, process } = await startUsers({ handOverTimeoutMs: 10 });
  chat.away = true;
  const uid = await register('alice');
  expect(chat.toldOf(uid)).toEqual([]);
  await process.restart();
  chat.away = false;
  await expect.poll(() => chat.toldOf(uid), PATIENCE).toEqual([[1, 'openAccount']]);
});
