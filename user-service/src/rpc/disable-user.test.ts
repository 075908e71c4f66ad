import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { expect, test } from 'vitest';
import { asKey, DEVICE, PASSWORD, startUsers } from '../testing/start-users.ts';

const KEY = asKey('users');

test('on return of disable nobody writes to the account and its sessions are over; enable undoes it', async () => {
  const { api, register, chat, auth, clock } = await startUsers();
  const uid = await register('alice');
  await api.disableUser({ uid }, KEY);
  expect(auth.revoked).toMatchObject([
    { uid, reason: SignOutReason_Value.DISABLED, createdBefore: new Date(clock.ms + 1).toISOString() },
  ]);
  expect(auth.revoked[0]?.exceptSessionId).toBeUndefined();
  const last = () => chat.appended.at(-1)?.records.at(-1)?.kind;
  expect(last()).toMatchObject({ case: 'setAccountState', value: { disabled: true, closed: false } });
  await api.enableUser({ uid }, KEY);
  expect(last()).toMatchObject({ case: 'setAccountState', value: { disabled: false, closed: false } });
  await api.login({ username: 'alice', password: PASSWORD, device: DEVICE });
});

test('doing it again is harmless', async () => {
  const { api, register, chat } = await startUsers();
  const uid = await register('alice');
  for (let i = 0; i < 2; i++) await api.disableUser({ uid }, KEY);
  for (let i = 0; i < 2; i++) await api.enableUser({ uid }, KEY);
  expect(chat.toldOf(uid)).toHaveLength(3);
});

test('signing out ends all sessions of before', async () => {
  const { api, register, auth } = await startUsers();
  const uid = await register('alice');
  await api.signOutUser({ uid }, KEY);
  expect(auth.revoked).toMatchObject([{ uid, reason: SignOutReason_Value.REVOKED }]);
});

test('a set password is the password, ends all sessions, and also a name made without one can use it', async () => {
  const { api, auth } = await startUsers();
  const { user } = await api.upsertUser({ externalId: 'e', username: 'shop' }, KEY);
  await api.setUserPassword({ uid: user!.uid, newPassword: PASSWORD }, KEY);
  expect(auth.revoked).toMatchObject([{ uid: user!.uid, reason: SignOutReason_Value.PASSWORD_CHANGED }]);
  await api.login({ username: 'shop', password: PASSWORD, device: DEVICE });
});

test('nobody is nobody', async () => {
  const { api } = await startUsers();
  const calls = [
    () => api.disableUser({ uid: '5' }, KEY),
    () => api.enableUser({ uid: '5' }, KEY),
    () => api.signOutUser({ uid: '5' }, KEY),
    () => api.setUserPassword({ uid: '5', newPassword: PASSWORD }, KEY),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ reason: 'USER_NOT_FOUND' });
});
