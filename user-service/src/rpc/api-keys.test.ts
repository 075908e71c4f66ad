import { expect, test } from 'vitest';
import { asKey, asUser, startUsers } from '../testing/start-users.ts';

const BOOTSTRAP = 'imk_0123456789abcdef_0123456789012345678901234567890123456789012';
const ALL = ['users', 'tokens', 'messages', 'groups', 'keys'];

test('a made key is known by its secret, listed without it, stored only as a hash', async () => {
  const { api, process, stored } = await startUsers();
  const { apiKey, key } = await api.createApiKey({ name: 'shop', scopes: ['users', 'keys'] }, asKey(...ALL));
  expect(apiKey).toMatchObject({
    name: 'shop',
    scopes: ['users', 'keys'],
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  expect(key).toMatch(new RegExp(`^imk_${apiKey!.keyId}_[A-Za-z0-9_-]{43}$`));
  await process.restart();
  expect(await api.verifyApiKey({ key })).toMatchObject({ keyId: apiKey!.keyId, scopes: ['users', 'keys'] });
  expect((await api.listApiKeys({}, asKey('keys'))).apiKeys).toEqual([apiKey]);
  expect(JSON.stringify(await stored('select * from api_key'))).not.toContain(
    key.split('_').slice(2).join('_'),
  );
});

test('what is not exactly a key is none', async () => {
  const { api } = await startUsers();
  const { apiKey, key } = await api.createApiKey({ name: 'shop', scopes: ['users'] }, asKey('users', 'keys'));
  const wrong = [
    `${key}x`,
    key.slice(0, -1),
    key.toUpperCase(),
    ` ${key}`,
    apiKey!.keyId,
    `imk_${apiKey!.keyId}_`,
  ];
  for (const attempt of wrong) {
    await expect(api.verifyApiKey({ key: attempt })).rejects.toMatchObject({
      reason: 'API_KEY_INVALID',
      httpStatus: 401,
    });
  }
});

test('a key gives only scopes that it has', async () => {
  const { api } = await startUsers();
  const create = (held: string[], scopes: string[]) =>
    api.createApiKey({ name: 'more', scopes }, asKey(...held));
  await expect(create(['keys'], ['keys', 'users'])).rejects.toMatchObject({
    reason: 'SCOPE_REQUIRED',
    metadata: { scope: 'users' },
  });
  await create(['keys', 'users'], ['users']);
  expect((await api.listApiKeys({}, asKey('keys'))).apiKeys).toHaveLength(1);
});

test('a deleted key is good no more', async () => {
  const { api } = await startUsers();
  const { apiKey, key } = await api.createApiKey({ name: 'shop', scopes: ['users'] }, asKey('users', 'keys'));
  const remove = () => api.deleteApiKey({ keyId: apiKey!.keyId }, asKey('keys'));
  await remove();
  await expect(api.verifyApiKey({ key })).rejects.toMatchObject({ reason: 'API_KEY_INVALID' });
  await expect(remove()).rejects.toMatchObject({ reason: 'API_KEY_NOT_FOUND' });
});

test('keys are listed in pages, each once, the oldest first', async () => {
  const { api, clock } = await startUsers();
  const made: string[] = [];
  for (let i = 0; i < 5; i++) {
    // Pairs of the same millisecond.
    if (i % 2 === 0) clock.ms++;
    const { apiKey } = await api.createApiKey({ name: `key${i}`, scopes: ['users'] }, asKey(...ALL));
    made.push(apiKey!.keyId);
  }
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await api.listApiKeys({ pageSize: 2, pageToken }, asKey('keys'));
    seen.push(...page.apiKeys.map(({ keyId }) => keyId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect([...seen].sort()).toEqual([...made].sort());
  expect(seen.at(-1)).toBe(made.at(-1));
});

test('the bootstrap key has all scopes, once, over restarts; another value replaces it', async () => {
  const { api, process, configure } = await startUsers({ adminKey: BOOTSTRAP });
  await process.restart();
  expect((await api.verifyApiKey({ key: BOOTSTRAP })).scopes).toEqual(ALL);
  const { apiKeys } = await api.listApiKeys({}, asKey('keys'));
  expect(apiKeys).toMatchObject([{ keyId: 'bootstrap', name: 'bootstrap', scopes: ALL }]);
  const next = 'imk_a secret of the operator, long enough to be one';
  await configure({ adminKey: next });
  await api.verifyApiKey({ key: next });
  await expect(api.verifyApiKey({ key: BOOTSTRAP })).rejects.toMatchObject({ reason: 'API_KEY_INVALID' });
});

test('a bootstrap key that is short, or that nobody would take for a key, is refused at start', async () => {
  await expect(startUsers({ adminKey: 'admin' })).rejects.toThrow('32');
  await expect(startUsers({ adminKey: 'x'.repeat(40) })).rejects.toThrow('imk_');
});

test('users and keys without the scope reach nothing of the server API', async () => {
  const { api } = await startUsers();
  for (const options of [asUser('1'), asKey('users', 'tokens', 'messages', 'groups'), {}]) {
    await expect(api.listApiKeys({}, options)).rejects.toThrow();
    await expect(api.createApiKey({ name: 'x', scopes: ['users'] }, options)).rejects.toThrow();
  }
  for (const options of [asUser('1'), asKey('keys'), {}]) {
    await expect(api.upsertUser({ externalId: 'e' }, options)).rejects.toThrow();
  }
});
