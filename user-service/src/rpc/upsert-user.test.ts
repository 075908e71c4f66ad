import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { expect, test } from 'vitest';
import { asKey, asUser, startUsers } from '../testing/start-users.ts';

const KEY = asKey('users');

test('an external id makes an account once and changes what is named afterwards', async () => {
  const { api, chat } = await startUsers({ registration: 'closed' });
  const made = await api.upsertUser({ externalId: 'shop-1', nickname: '店主' }, KEY);
  expect(made.user).toMatchObject({ username: '', nickname: '店主', externalId: 'shop-1', avatarUrl: '' });
  const uid = made.user!.uid;
  const again = await api.upsertUser(
    { externalId: 'shop-1', username: 'Ｓhop', avatarUrl: 'https://a.b/c' },
    KEY,
  );
  expect(again.user).toEqual({ ...made.user, username: 'shop', avatarUrl: 'https://a.b/c' });
  expect(await api.upsertUser({ externalId: 'shop-1' }, KEY)).toEqual(again);
  expect(chat.toldOf(uid)).toEqual([
    [1, 'openAccount'],
    [2, 'changeProfile'],
  ]);
});

test('many accounts may have no username; each shows something', async () => {
  const { api } = await startUsers();
  const users = [];
  for (const externalId of ['a', 'b', 'c']) users.push((await api.upsertUser({ externalId }, KEY)).user!);
  expect(users.map((user) => [user.username, user.nickname])).toEqual([
    ['', 'a'],
    ['', 'b'],
    ['', 'c'],
  ]);
  expect(new Set(users.map((user) => user.uid)).size).toBe(3);
});

test('of upserts of one external id at once all answer one account', async () => {
  const { api, stored } = await startUsers();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => api.upsertUser({ externalId: 'shop-1', nickname: `n${i}` }, KEY)),
  );
  expect(new Set(answers.map(({ user }) => user!.uid)).size).toBe(1);
  expect(await stored('select uid from account')).toHaveLength(1);
});

test('a username of somebody else is taken, one’s own is not', async () => {
  const { api, register } = await startUsers();
  await register('alice');
  const taken = { reason: 'USERNAME_TAKEN' };
  await expect(api.upsertUser({ externalId: 'e', username: 'ALICE' }, KEY)).rejects.toMatchObject(taken);
  await api.upsertUser({ externalId: 'e', username: 'shop' }, KEY);
  await expect(api.upsertUser({ externalId: 'e', username: 'alice' }, KEY)).rejects.toMatchObject(taken);
  await api.upsertUser({ externalId: 'e', username: 'Shop', nickname: 'S' }, KEY);
});

test('disabled at birth or later has the effects of disabling, false those of enabling', async () => {
  const { api, chat, auth, client } = await startUsers();
  const born = (await api.upsertUser({ externalId: 'a', username: 'aaa', disabled: true }, KEY)).user!;
  expect(chat.toldOf(born.uid)).toEqual([[1, 'openAccount', 'setAccountState']]);
  const isDisabled = async (uid: string) =>
    (await client('auth-service').getAccount({ account: { case: 'uid', value: uid } })).disabled;
  const isFound = async () => (await api.listUsers({ query: 'aaa' }, asUser('1'))).users.length === 1;
  expect([await isDisabled(born.uid), await isFound()]).toEqual([true, false]);
  await api.upsertUser({ externalId: 'a', disabled: false }, KEY);
  expect([await isDisabled(born.uid), await isFound()]).toEqual([false, true]);
  expect(auth.revoked).toEqual([]);
  await api.upsertUser({ externalId: 'a', nickname: 'new', disabled: true }, KEY);
  expect([await isDisabled(born.uid), await isFound()]).toEqual([true, false]);
  expect(auth.revoked).toMatchObject([{ uid: born.uid, reason: SignOutReason_Value.DISABLED }]);
  expect(chat.toldOf(born.uid).slice(1)).toEqual([
    [2, 'setAccountState'],
    [3, 'changeProfile'],
    [4, 'setAccountState'],
  ]);
});

test('a wrong field makes nothing', async () => {
  const { api, stored } = await startUsers();
  for (const wrong of [{ username: 'a b' }, { nickname: ' ' }, { avatarUrl: 'javascript:1' }]) {
    await expect(api.upsertUser({ externalId: 'e', ...wrong }, KEY)).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      metadata: { field: Object.keys(wrong)[0] },
    });
  }
  expect(await stored('select uid from account')).toEqual([]);
});
