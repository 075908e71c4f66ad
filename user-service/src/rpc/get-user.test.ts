import { expect, test } from 'vitest';
import { asKey, asUser, startUsers } from '../testing/start-users.ts';

test('an unknown uid is not found', async () => {
  const { api, client } = await startUsers();
  const missing = { reason: 'USER_NOT_FOUND' };
  await expect(api.getUser({ uid: '5' }, asUser('1'))).rejects.toMatchObject(missing);
  await expect(client('chat-service').getProfile({ uid: '5' })).rejects.toMatchObject(missing);
  for (const account of [
    { case: 'uid', value: '5' },
    { case: 'externalId', value: 'e' },
  ] as const) {
    await expect(client('auth-service').getAccount({ account })).rejects.toMatchObject(missing);
  }
});

test('a batch answers in the order asked for, each once, without the unknown', async () => {
  const { client, register } = await startUsers();
  const [a, b, c] = [await register('alice'), await register('berta'), await register('clara')];
  const { users } = await client('friend-service').batchGetUsers({ uids: [c, a, '5', c, b, a] });
  expect(users.map((user) => user.uid)).toEqual([c, a, b]);
  expect((await client('friend-service').batchGetUsers({})).users).toEqual([]);
});

test('an account says by either id whether it may sign in', async () => {
  const { api, client } = await startUsers();
  const { user } = await api.upsertUser({ externalId: 'shop/7 %' }, asKey('users'));
  const read = async () => {
    const byExternalId = await client('auth-service').getAccount({
      account: { case: 'externalId', value: 'shop/7 %' },
    });
    expect(await client('auth-service').getAccount({ account: { case: 'uid', value: user!.uid } })).toEqual(
      byExternalId,
    );
    return byExternalId;
  };
  expect(await read()).toMatchObject({ user: { uid: user!.uid, externalId: 'shop/7 %' }, disabled: false });
  await api.disableUser({ uid: user!.uid }, asKey('users'));
  expect(await read()).toMatchObject({ disabled: true });
  expect((await api.getUser({ uid: user!.uid }, asUser('1'))).user?.uid).toBe(user!.uid);
});

test('the gateway learns whether anybody may register', async () => {
  const { api, configure } = await startUsers();
  expect((await api.getRegistration({})).open).toBe(true);
  await configure({ registration: 'closed' });
  expect((await api.getRegistration({})).open).toBe(false);
});
