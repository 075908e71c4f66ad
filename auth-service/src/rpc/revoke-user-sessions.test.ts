import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AuthProcess, reasonOf, startAuthProcess } from '../testing/auth-process.ts';

let auth: AuthProcess;
beforeEach(async () => {
  auth = await startAuthProcess();
});
afterEach(() => auth.process.stop());

test('a late or repeated order spares what was opened since', async () => {
  const phone = await auth.login('1', 'phone');
  const kept = await auth.login('1', 'tablet');
  auth.clock.at += 5;
  const order = {
    uid: '1',
    exceptSessionId: kept.session.sessionId,
    reason: SignOutReason_Value.PASSWORD_CHANGED,
    createdBefore: new Date(auth.clock.at).toISOString(),
  };
  const since = await auth.login('1', 'browser');
  await auth.userService.revokeUserSessions(order);
  await auth.userService.revokeUserSessions(order);
  expect((await auth.sessionIds(kept.as)).sort()).toEqual(
    [kept.session.sessionId, since.session.sessionId].sort(),
  );
  expect((await auth.gateway.listRevoked({})).revoked).toMatchObject([
    { sessionId: phone.session.sessionId, uid: '1', reason: SignOutReason_Value.PASSWORD_CHANGED },
  ]);
});

test('the time must be one', async () => {
  const order = { uid: '1', reason: SignOutReason_Value.DISABLED, createdBefore: 'yesterday' };
  expect(await reasonOf(auth.userService.revokeUserSessions(order))).toBe('INVALID_FIELD');
});
