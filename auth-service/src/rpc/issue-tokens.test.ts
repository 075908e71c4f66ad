import { Platform_Value, SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { CallOptions } from '@im/common/rpc/types.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AuthProcess, reasonOf, speakFor, startAuthProcess } from '../testing/auth-process.ts';

const WITH_KEY: CallOptions = { speakFor: { kind: 'apiKey', keyId: 'key', scopes: ['tokens'] } };
const DEVICE = { deviceId: 'phone', platform: Platform_Value.ANDROID };

let auth: AuthProcess;
beforeEach(async () => {
  auth = await startAuthProcess();
  auth.accounts.set('7', { uid: '7', externalId: 'customer-7' });
});
afterEach(() => auth.process.stop());

const issue = (who: { uid?: string; externalId?: string }) =>
  auth.gateway.issueTokens({ ...who, device: DEVICE }, WITH_KEY);

test('a user is signed in by either id, as by a login', async () => {
  const byExternalId = await issue({ externalId: 'customer-7' });
  expect(byExternalId.user).toMatchObject({ uid: '7', nickname: 'nickname of 7' });
  expect(byExternalId.session).toMatchObject({ deviceId: 'phone', current: true });
  const byUid = await issue({ uid: '7' });
  const sessionId = byUid.session?.sessionId ?? '';
  expect(await auth.sessionIds(speakFor('7', sessionId))).toEqual([sessionId]);
  expect(await reasonOf(auth.refresh(byUid.tokens?.refreshToken ?? ''))).toBe('accepted');
  expect(await reasonOf(auth.refresh(byExternalId.tokens?.refreshToken ?? ''))).toBe('SESSION_REVOKED');
});

test('exactly one id is given', async () => {
  expect(await reasonOf(issue({}))).toBe('INVALID_FIELD');
  expect(await reasonOf(issue({ uid: '7', externalId: 'customer-7' }))).toBe('INVALID_FIELD');
});

test('an unknown user, or a disabled one, gets none', async () => {
  expect(await reasonOf(issue({ uid: '8' }))).toBe('USER_NOT_FOUND');
  expect(await reasonOf(issue({ externalId: 'customer-8' }))).toBe('USER_NOT_FOUND');
  auth.accounts.set('7', { uid: '7', disabled: true });
  expect(await reasonOf(issue({ uid: '7' }))).toBe('ACCOUNT_DISABLED');
  expect(await auth.sessionIds(speakFor('7', 'none'))).toEqual([]);
});

test('an account disabled after the first look keeps no session', async () => {
  auth.accounts.set('7', {
    uid: '7',
    afterLook() {
      this.disabled = true;
    },
  });
  expect(await reasonOf(issue({ uid: '7' }))).toBe('ACCOUNT_DISABLED');
  expect(await auth.sessionIds(speakFor('7', 'none'))).toEqual([]);
  expect((await auth.gateway.listRevoked({})).revoked).toMatchObject([
    { uid: '7', reason: SignOutReason_Value.DISABLED },
  ]);
});
