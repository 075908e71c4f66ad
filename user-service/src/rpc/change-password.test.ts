import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { expect, test } from 'vitest';
import { asKey, asUser, DEVICE, PASSWORD, startUsers } from '../testing/start-users.ts';

/** Longer than a busy machine needs. */
const PATIENCE = { timeout: 10_000 };

const NEW_PASSWORD = 'another horse';

test('the new password signs in, the old one does not, other devices are signed out on return', async () => {
  const { api, register, auth, clock } = await startUsers();
  const uid = await register('alice');
  await api.changePassword({ oldPassword: PASSWORD, newPassword: NEW_PASSWORD }, asUser(uid, 'mine'));
  expect(auth.revoked).toMatchObject([
    {
      uid,
      exceptSessionId: 'mine',
      reason: SignOutReason_Value.PASSWORD_CHANGED,
      createdBefore: new Date(clock.ms + 1).toISOString(),
    },
  ]);
  const login = (password: string) => api.login({ username: 'alice', password, device: DEVICE });
  await expect(login(PASSWORD)).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await login(NEW_PASSWORD);
});

test('the old password is asked for, and guessing it is slowed down together with logins', async () => {
  const { api, register, auth } = await startUsers({
    throttle: { account: { free: 2, firstDelayMs: 1000, mostDelayMs: 1000 } },
  });
  const uid = await register('alice');
  const guess = () =>
    api.changePassword({ oldPassword: 'wrong horse', newPassword: NEW_PASSWORD }, asUser(uid));
  const login = (password: string) => api.login({ username: 'alice', password, device: DEVICE });
  await expect(guess()).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await expect(login('wrong horse')).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await expect(guess()).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await expect(guess()).rejects.toMatchObject({ reason: 'LOGIN_THROTTLED' });
  await expect(login(PASSWORD)).rejects.toMatchObject({ reason: 'LOGIN_THROTTLED' });
  expect(auth.revoked).toEqual([]);
});

test('of two changes at once from one old password, one stands', async () => {
  const { api, register } = await startUsers();
  const uid = await register('alice');
  const passwords = ['first horse', 'second horse'];
  const results = await Promise.allSettled(
    passwords.map((newPassword) => api.changePassword({ oldPassword: PASSWORD, newPassword }, asUser(uid))),
  );
  const winner = results.findIndex(({ status }) => status === 'fulfilled');
  expect(results[1 - winner]).toMatchObject({ status: 'rejected', reason: { reason: 'BAD_CREDENTIALS' } });
  await api.login({ username: 'alice', password: passwords[winner]!, device: DEVICE });
});

test('who never had a password has no old one to give', async () => {
  const { api } = await startUsers();
  const { user } = await api.upsertUser({ externalId: 'e' }, asKey('users'));
  await expect(
    api.changePassword({ oldPassword: PASSWORD, newPassword: NEW_PASSWORD }, asUser(user!.uid)),
  ).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
});

test('while auth-service is away the password is changed, and it signs out when it is back, chat-service away or not', async () => {
  const { api, register, auth, chat, process } = await startUsers({ handOverTimeoutMs: 10 });
  const uid = await register('alice');
  await expect.poll(() => chat.toldOf(uid), PATIENCE).toHaveLength(1);
  auth.away = true;
  chat.away = true;
  await api.updateMe({ bio: 'x', updateMask: { paths: ['bio'] } }, asUser(uid));
  await api.changePassword({ oldPassword: PASSWORD, newPassword: NEW_PASSWORD }, asUser(uid, 'mine'));
  await process.restart();
  auth.away = false;
  await expect
    .poll(() => auth.revoked.map((revocation) => revocation.exceptSessionId), PATIENCE)
    .toEqual(['mine']);
  expect(chat.toldOf(uid)).toHaveLength(1);
});
