import { expect, test } from 'vitest';
import { createPasswordHasher } from '../password-hasher.ts';
import { asKey, asUser, DEVICE, PASSWORD, startUsers } from '../testing/start-users.ts';

const throttle = {
  account: { free: 3, firstDelayMs: 1000, mostDelayMs: 4000 },
  address: { free: 8, firstDelayMs: 1000, mostDelayMs: 4000 },
};
const WRONG = 'wrong horse';

test('a login opens a session of the device and shows the user with their settings', async () => {
  const { api, register, auth } = await startUsers();
  const uid = await register('Alice');
  const answer = await api.login(
    { username: 'ＡLICE', password: PASSWORD, device: { ...DEVICE, name: 'Laptop' } },
    { clientAddress: '192.0.2.1' },
  );
  expect(answer.user).toMatchObject({ uid, username: 'alice', settings: {} });
  expect(answer.tokens?.accessToken).toBe('access-session-1');
  expect(answer.session?.sessionId).toBe('session-1');
  expect(auth.opened).toMatchObject([{ uid, device: { ...DEVICE, name: 'Laptop' }, address: '192.0.2.1' }]);
});

test('unknown user, wrong password, no password and impossible name get one answer', async () => {
  const { api, register, auth } = await startUsers();
  await register('alice');
  await api.upsertUser({ externalId: 'e1', username: 'external' }, asKey('users'));
  const errors = await Promise.all(
    ['alice', 'nobody', 'external', 'a b', '\u{1F600}'].map((username) =>
      api.login({ username, password: WRONG, device: DEVICE }).then(
        () => undefined,
        (error) => ({ reason: error.reason, message: error.message, metadata: error.metadata }),
      ),
    ),
  );
  expect(new Set(errors.map((error) => JSON.stringify(error))).size).toBe(1);
  expect(errors[0]).toMatchObject({ reason: 'BAD_CREDENTIALS' });
  expect(auth.opened).toEqual([]);
});

test('a disabled account shows only to who knows its password', async () => {
  const { api, register, auth } = await startUsers();
  const uid = await register('alice');
  await api.disableUser({ uid }, asKey('users'));
  const login = (password: string) => api.login({ username: 'alice', password, device: DEVICE });
  await expect(login(WRONG)).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await expect(login(PASSWORD)).rejects.toMatchObject({ reason: 'ACCOUNT_DISABLED', httpStatus: 403 });
  expect(auth.opened).toEqual([]);
});

test.each(['alice', 'nobody'])('failures of %s are slowed down more and more', async (username) => {
  const { api, register, clock } = await startUsers({ throttle });
  await register('alice');
  const fail = () => api.login({ username, password: WRONG, device: DEVICE });
  for (let i = 0; i < 4; i++) await expect(fail()).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  for (const delay of [1000, 2000, 4000, 4000]) {
    await expect(fail()).rejects.toMatchObject({
      reason: 'LOGIN_THROTTLED',
      httpStatus: 429,
      metadata: { retryAfterMs: String(delay) },
    });
    clock.ms += delay - 1;
    await expect(fail()).rejects.toMatchObject({ metadata: { retryAfterMs: '1' } });
    clock.ms += 1;
    await expect(fail()).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  }
});

test('a throttled account refuses the right password too, after a restart as well, and takes it later', async () => {
  const { api, register, clock, process } = await startUsers({ throttle });
  await register('alice');
  const login = (password: string) => api.login({ username: 'alice', password, device: DEVICE });
  for (let i = 0; i < 4; i++) await expect(login(WRONG)).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await process.restart();
  await expect(login(PASSWORD)).rejects.toMatchObject({ reason: 'LOGIN_THROTTLED' });
  clock.ms += 1000;
  await login(PASSWORD);
  // Forgotten: the next failures are free again.
  for (let i = 0; i < 3; i++) await expect(login(WRONG)).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await login(PASSWORD);
});

test('many at once get no more tries than one after another', async () => {
  const { api, register } = await startUsers({ throttle });
  await register('alice');
  const guesses = Array.from({ length: 30 }, () =>
    api.login({ username: 'alice', password: WRONG, device: DEVICE }).catch((error) => error.reason),
  );
  const reasons = await Promise.all(guesses);
  expect(reasons.filter((reason) => reason === 'BAD_CREDENTIALS')).toHaveLength(4);
  expect(reasons.filter((reason) => reason === 'LOGIN_THROTTLED')).toHaveLength(26);
});

test('one address is slowed down over all names, another is not; a login of its own helps it nothing', async () => {
  const { api, register } = await startUsers({ throttle });
  await register('mallory');
  const from = (clientAddress: string, username: string, password = WRONG) =>
    api.login({ username, password, device: DEVICE }, { clientAddress });
  for (let i = 0; i < 8; i++) {
    await expect(from('192.0.2.1', `victim${i}`)).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  }
  await from('192.0.2.1', 'mallory', PASSWORD);
  await expect(from('192.0.2.1', 'victim8')).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await expect(from('192.0.2.1', 'victim9')).rejects.toMatchObject({ reason: 'LOGIN_THROTTLED' });
  await expect(from('192.0.2.2', 'victim9')).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
});

test('logins that succeed are never slowed down', async () => {
  const { api, register } = await startUsers({ throttle });
  await register('alice');
  for (let i = 0; i < 20; i++) {
    await api.login(
      { username: 'alice', password: PASSWORD, device: DEVICE },
      { clientAddress: '192.0.2.1' },
    );
  }
});

test('old failures are forgotten', async () => {
  const { api, register, clock } = await startUsers({ throttle: { ...throttle, forgetAfterMs: 60_000 } });
  await register('alice');
  const fail = () => api.login({ username: 'alice', password: WRONG, device: DEVICE });
  for (let i = 0; i < 4; i++) await expect(fail()).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  clock.ms += 61_000;
  for (let i = 0; i < 4; i++) await expect(fail()).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
});

test('while auth-service is away a right password costs no tries', async () => {
  const { api, register, auth } = await startUsers({ throttle });
  await register('alice');
  auth.away = true;
  const login = () => api.login({ username: 'alice', password: PASSWORD, device: DEVICE });
  for (let i = 0; i < 6; i++) await expect(login()).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
  auth.away = false;
  await login();
});

test('a login that a new password overtakes is refused and its session ends', async () => {
  const { api, register, auth } = await startUsers();
  const uid = await register('alice');
  auth.whileOpening = async () => {
    await api.setUserPassword({ uid, newPassword: 'another horse' }, asKey('users'));
  };
  await expect(api.login({ username: 'alice', password: PASSWORD, device: DEVICE })).rejects.toMatchObject({
    reason: 'BAD_CREDENTIALS',
  });
  expect(auth.opened).toHaveLength(1);
  // Once by the change, once for the session that came after it.
  expect(auth.revoked.map((revocation) => revocation.uid)).toEqual([uid, uid]);
});

test('a login that disabling overtakes is refused, also when it was enabled again', async () => {
  const { api, register, auth } = await startUsers();
  const uid = await register('alice');
  const login = () => api.login({ username: 'alice', password: PASSWORD, device: DEVICE });
  auth.whileOpening = async () => {
    await api.disableUser({ uid }, asKey('users'));
  };
  await expect(login()).rejects.toMatchObject({ reason: 'ACCOUNT_DISABLED' });
  auth.whileOpening = async () => {
    await api.disableUser({ uid }, asKey('users'));
    await api.enableUser({ uid }, asKey('users'));
  };
  await api.enableUser({ uid }, asKey('users'));
  await expect(login()).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
});

test('settings are in the answer to a login', async () => {
  const { api, register } = await startUsers();
  const uid = await register('alice');
  await api.updateMe({ settings: { theme: 'dark' }, updateMask: { paths: ['settings'] } }, asUser(uid));
  const { user } = await api.login({ username: 'alice', password: PASSWORD, device: DEVICE });
  expect(user?.settings).toEqual({ theme: 'dark' });
});

test('an unknown name takes the time of a password check', async () => {
  const cost = { memoryKiB: 65_536, passes: 2, parallelism: 1 };
  const { api } = await startUsers({ password: cost });
  const passwords = createPasswordHasher(cost);
  const stored = await passwords.hash(PASSWORD);
  const fastest = async (work: () => Promise<unknown>) => {
    const times = [];
    for (let i = 0; i < 3; i++) {
      const begin = performance.now();
      await work();
      times.push(performance.now() - begin);
    }
    return Math.min(...times);
  };
  const check = await fastest(() => passwords.verify(WRONG, stored));
  const unknown = await fastest(() =>
    expect(api.login({ username: 'nobody', password: WRONG, device: DEVICE })).rejects.toThrow(),
  );
  // Without the check it would be a few milliseconds; what else runs here can only add to it.
  expect(unknown).toBeGreaterThan(check / 2);
});

test('a hash of an earlier cost is renewed by a login', async () => {
  const { configure, process, api, register, stored } = await startUsers();
  await register('alice');
  await configure({ password: { memoryKiB: 16, passes: 1 } });
  const login = () => api.login({ username: 'alice', password: PASSWORD, device: DEVICE });
  const hashes = async () =>
    (await stored('select password_hash from account')).map((row) => row.password_hash);
  expect(await hashes()).toEqual([expect.stringContaining('$m=8,')]);
  await login();
  expect(await hashes()).toEqual([expect.stringContaining('$m=16,')]);
  await process.restart();
  await login();
});
