import { expect, test } from 'vitest';
import { asKey, asUser, startUsers } from '../testing/start-users.ts';

const ME = asUser('1');

test('a prefix of the username or any part of the nickname finds, in whatever case', async () => {
  const { api, register } = await startUsers();
  await register('zhang_san', '张三丰 Master');
  await register('li_si', '李四');
  await register('wang.wu', 'Zhanghua Wang');
  const found = async (query: string) =>
    (await api.listUsers({ query }, ME)).users.map((user) => user.username).sort();
  expect(await found('ZHANG')).toEqual(['wang.wu', 'zhang_san']);
  expect(await found('zhang_')).toEqual(['zhang_san']);
  expect(await found('三')).toEqual(['zhang_san']);
  expect(await found('三丰')).toEqual(['zhang_san']);
  expect(await found('张丰')).toEqual([]);
  expect(await found('MASTER')).toEqual(['zhang_san']);
  expect(await found('ｗang')).toEqual(['wang.wu']);
  expect(await found('san')).toEqual([]);
  expect(await found('李四')).toEqual(['li_si']);
});

test('no character of a query stands for others', async () => {
  const { api, register } = await startUsers();
  await register('axb', 'a%b');
  await register('a_b', 'plain');
  const found = async (query: string) =>
    (await api.listUsers({ query }, ME)).users.map((user) => user.username);
  expect(await found('%')).toEqual(['axb']);
  expect(await found('a_')).toEqual(['a_b']);
  expect(await found('_')).toEqual([]);
  expect(await found('*')).toEqual([]);
  expect(await found("'")).toEqual([]);
  expect(await found('\\')).toEqual([]);
});

test.each([1, 3, 7])('pages of %i bring everybody once', async (pageSize) => {
  const { api } = await startUsers();
  const uids = new Set<string>();
  for (let i = 0; i < 12; i++) {
    // Each is found by several terms: the name and three places of the nickname.
    const user = { externalId: `e${i}`, username: `anna${i}`, nickname: i % 2 ? 'anna banana' : 'annannann' };
    uids.add((await api.upsertUser(user, asKey('users'))).user!.uid);
  }
  await api.upsertUser({ externalId: 'x', username: 'berta' }, asKey('users'));
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await api.listUsers({ query: 'an', pageSize, pageToken }, ME);
    expect(page.users.length).toBeLessThanOrEqual(pageSize);
    expect(page.users.length).toBeGreaterThan(0);
    seen.push(...page.users.map((user) => user.uid));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toHaveLength(12);
  expect(new Set(seen)).toEqual(uids);
});

test('an empty query is refused, unless the directory is open: then it lists everybody enabled, in pages', async () => {
  const { api, configure, register } = await startUsers();
  const uids = [];
  for (const name of ['alice', 'berta', 'clara', 'doris']) uids.push(await register(name));
  await api.disableUser({ uid: uids[3]! }, asKey('users'));
  for (const query of ['', '  ']) {
    await expect(api.listUsers({ query }, ME)).rejects.toMatchObject({ reason: 'QUERY_REQUIRED' });
  }
  await configure({ directory: 'open' });
  const first = await api.listUsers({ pageSize: 2 }, ME);
  const second = await api.listUsers({ pageSize: 2, pageToken: first.nextPageToken }, ME);
  expect([...first.users, ...second.users].map((user) => user.uid).sort()).toEqual(uids.slice(0, 3).sort());
  expect(second.nextPageToken).toBe('');
});

test('a page token of another query, or none of ours, is refused', async () => {
  const { api, register } = await startUsers();
  await register('anna1');
  await register('anna2');
  const { nextPageToken } = await api.listUsers({ query: 'anna', pageSize: 1 }, ME);
  for (const [query, pageToken] of [
    ['ann', nextPageToken],
    ['anna', 'nonsense'],
  ] as const) {
    await expect(api.listUsers({ query, pageToken }, ME)).rejects.toMatchObject({
      reason: 'PAGE_TOKEN_INVALID',
    });
  }
});

test('the longest names still make tokens that are taken back', async () => {
  const { api } = await startUsers();
  const nickname = '\u{20BB7}'.repeat(64);
  for (const externalId of ['a', 'b']) await api.upsertUser({ externalId, nickname }, asKey('users'));
  const query = '\u{20BB7}'.repeat(2);
  const first = await api.listUsers({ query, pageSize: 1 }, ME);
  const second = await api.listUsers({ query, pageSize: 1, pageToken: first.nextPageToken }, ME);
  expect(second.users).toHaveLength(1);
  expect(second.users[0]!.uid).not.toBe(first.users[0]!.uid);
});
