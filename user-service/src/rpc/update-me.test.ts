import { expect, test } from 'vitest';
import { asKey, asUser, startUsers } from '../testing/start-users.ts';

test('what the mask names is changed and seen by the owner, settings by nobody else', async () => {
  const { api, client, register, chat, process } = await startUsers();
  const uid = await register('alice');
  const request = {
    nickname: '爱丽丝',
    avatarUrl: 'https://example.com/a.png',
    bio: 'hello',
    settings: { theme: 'dark' },
  };
  const { user } = await api.updateMe(
    { ...request, updateMask: { paths: ['nickname', 'avatar_url', 'bio', 'settings'] } },
    asUser(uid),
  );
  expect(user).toMatchObject({ uid, username: 'alice', ...request });
  expect(chat.toldOf(uid)).toEqual([
    [1, 'openAccount'],
    [2, 'changeProfile'],
  ]);
  await process.restart();
  expect((await api.getMe({}, asUser(uid))).user).toEqual(user);
  expect((await client('chat-service').getProfile({ uid })).user).toEqual(user);
  const { settings, ...others } = user!;
  expect(settings).toBeDefined();
  const seen = [
    (await api.getUser({ uid }, asUser('1'))).user,
    (await api.getUser({ uid }, asUser(uid))).user,
    (await api.batchGetUsers({ uids: [uid] }, asUser('1'))).users[0],
    (await api.listUsers({ query: 'alice' }, asUser('1'))).users[0],
    (await client('auth-service').getAccount({ account: { case: 'uid', value: uid } })).user,
  ];
  for (const view of seen) {
    expect(view).toMatchObject(others);
    expect(view?.settings).toBeUndefined();
  }
});

test('what the mask does not name stays, also when it is sent', async () => {
  const { api, register } = await startUsers();
  const uid = await register('alice');
  const { user } = await api.updateMe(
    { nickname: 'A', bio: 'new', updateMask: { paths: ['bio'] } },
    asUser(uid),
  );
  expect(user).toMatchObject({ nickname: 'alice', bio: 'new' });
});

test('named and absent is cleared: the nickname becomes the username, the others empty', async () => {
  const { api, register } = await startUsers();
  const uid = await register('Alice', '爱丽丝');
  const paths = ['nickname', 'avatar_url', 'bio', 'settings'];
  await api.updateMe(
    {
      nickname: 'A',
      avatarUrl: 'http://a.b/c',
      bio: 'b',
      settings: { a: 1 },
      updateMask: { paths },
    },
    asUser(uid),
  );
  const { user } = await api.updateMe({ updateMask: { paths } }, asUser(uid));
  expect(user).toMatchObject({ nickname: 'alice', avatarUrl: '', bio: '', settings: {} });
});

test('settings merge key by key', async () => {
  const { api, register } = await startUsers();
  const uid = await register('alice');
  const set = (settings: Record<string, never> | object, path = 'settings') =>
    api.updateMe({ settings: settings as never, updateMask: { paths: [path] } }, asUser(uid));
  await set({ a: 1, b: 'two', c: { d: [true] } });
  const { user } = await set({ a: null, b: 'three' });
  expect(user?.settings).toEqual({ b: 'three', c: { d: [true] } });
  expect((await set({ e: 5 }, 'settings.e')).user?.settings).toEqual({ b: 'three', c: { d: [true] }, e: 5 });
  await expect(set({ big: 'x'.repeat(8192) })).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
    metadata: { field: 'settings' },
  });
});

test('changes at once lose nothing of each other', async () => {
  const { api, register } = await startUsers();
  const uid = await register('alice');
  const keys = Array.from({ length: 10 }, (_, i) => `key${i}`);
  await Promise.all(
    keys.map((key) =>
      api.updateMe({ settings: { [key]: true }, updateMask: { paths: ['settings'] } }, asUser(uid)),
    ),
  );
  const { user } = await api.getMe({}, asUser(uid));
  expect(Object.keys(user?.settings ?? {}).sort()).toEqual(keys);
});

test('a patch of nothing is refused, an unknown field too', async () => {
  const { api, register } = await startUsers();
  const uid = await register('alice');
  await expect(api.updateMe({ bio: 'x' }, asUser(uid))).rejects.toMatchObject({ reason: 'EMPTY_PATCH' });
  for (const path of ['username', 'uid', 'constructor']) {
    await expect(api.updateMe({ updateMask: { paths: [path] } }, asUser(uid))).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
    });
  }
});

test('a change to what is there already tells nobody', async () => {
  const { api, register, chat } = await startUsers();
  const uid = await register('alice');
  await api.updateMe({ nickname: 'alice', updateMask: { paths: ['nickname', 'bio'] } }, asUser(uid));
  expect(chat.toldOf(uid)).toEqual([[1, 'openAccount']]);
});

test('a new nickname is found, the old one is not; a disabled account is not by any', async () => {
  const { api, register } = await startUsers();
  const uid = await register('alice', '小红');
  const rename = (nickname: string) =>
    api.updateMe({ nickname, updateMask: { paths: ['nickname'] } }, asUser(uid));
  const found = async (query: string) =>
    (await api.listUsers({ query }, asUser('1'))).users.map((user) => user.uid);
  await rename('小蓝');
  expect(await found('红')).toEqual([]);
  expect(await found('蓝')).toEqual([uid]);
  await api.disableUser({ uid }, asKey('users'));
  await rename('小绿');
  expect(await found('绿')).toEqual([]);
  await api.enableUser({ uid }, asKey('users'));
  expect(await found('绿')).toEqual([uid]);
});

test('nobody in the store is nobody', async () => {
  const { api } = await startUsers();
  await expect(api.getMe({}, asUser('5'))).rejects.toMatchObject({ reason: 'USER_NOT_FOUND' });
  await expect(api.updateMe({ updateMask: { paths: ['bio'] } }, asUser('5'))).rejects.toMatchObject({
    reason: 'USER_NOT_FOUND',
  });
});
