import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { Platform_Value, SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ONLINE_KEPT_MS } from '../session/sessions.ts';
import {
  type AuthProcess,
  DAY_MS,
  reasonOf,
  START,
  speakFor,
  startAuthProcess,
} from '../testing/auth-process.ts';

let auth: AuthProcess;
beforeEach(async () => {
  auth = await startAuthProcess();
});
afterEach(() => auth.process.stop());

test('a user sees each of their devices, the asking one marked', async () => {
  const phone = await auth.login('1', 'phone', { platform: Platform_Value.IOS, name: '小明的手机' });
  auth.clock.at += 1_000;
  const web = await auth.login('1', 'browser');
  await auth.login('2', 'browser');
  const { sessions } = await auth.gateway.listSessions({}, phone.as);
  expect(sessions).toMatchObject([
    { sessionId: web.session.sessionId, deviceId: 'browser', name: '', current: false },
    {
      sessionId: phone.session.sessionId,
      deviceId: 'phone',
      platform: Platform_Value.IOS,
      name: '小明的手机',
      createdAt: new Date(START).toISOString(),
      lastSeenAt: new Date(START).toISOString(),
      address: '10.0.0.1',
      current: true,
      online: false,
    },
  ]);
  expect(phone.session.current).toBe(true);
});

test('a session is online while a gateway says so, and was last seen when it went', async () => {
  const phone = await auth.login('1', 'phone');
  const web = await auth.login('1', 'browser');
  const socketGateway = auth.process.client(AuthService, 'ws-gateway');
  const report = (online: string[], offline: string[] = []) =>
    socketGateway.reportSessions({
      gatewayBootId: 'gateway',
      onlineSessionIds: online,
      offlineSessionIds: offline,
    });
  const listed = async () => {
    const { sessions } = await auth.gateway.listSessions({}, web.as);
    return Object.fromEntries(
      sessions.map(({ deviceId, online, lastSeenAt }) => [
        deviceId,
        [online, Date.parse(lastSeenAt) - START],
      ]),
    );
  };
  auth.clock.at += 1_000;
  await report([phone.session.sessionId]);
  expect(await listed()).toEqual({ phone: [true, 1_000], browser: [false, 0] });
  auth.clock.at += 1_000;
  await report([], [phone.session.sessionId]);
  expect(await listed()).toEqual({ phone: [false, 2_000], browser: [false, 0] });

  await report([web.session.sessionId]);
  await auth.process.restart();
  expect(await listed()).toEqual({ phone: [false, 2_000], browser: [true, 2_000] });
  auth.clock.at += ONLINE_KEPT_MS;
  expect(await listed()).toEqual({ phone: [false, 2_000], browser: [false, 2_000] });
});

test('services may ask when people were last seen', async () => {
  await auth.login('1', 'phone');
  const chat = auth.process.client(AuthService, 'chat-service');
  expect((await chat.batchGetLastSeen({ uids: ['1', '2'] })).seen).toMatchObject([
    { uid: '1', at: new Date(START).toISOString() },
  ]);
});

test('a login replaces the session of the same device', async () => {
  const first = await auth.login('1', 'phone');
  const second = await auth.login('1', 'phone');
  expect(await auth.sessionIds(second.as)).toEqual([second.session.sessionId]);
  expect(await reasonOf(auth.refresh(first.tokens.refreshToken))).toBe('SESSION_REVOKED');
  expect(await revoked()).toEqual([[first.session.sessionId, SignOutReason_Value.REPLACED]]);
});

test('a device not seen for 30 days is listed no more', async () => {
  const phone = await auth.login('1', 'phone');
  auth.clock.at += 30 * DAY_MS;
  const web = await auth.login('1', 'browser');
  expect(await auth.sessionIds(web.as)).toEqual([web.session.sessionId]);
  const gone = auth.gateway.deleteSession({ sessionId: phone.session.sessionId }, web.as);
  expect(await reasonOf(gone)).toBe('SESSION_NOT_FOUND');
});

test("a user ends their own sessions one by one, and nobody else's", async () => {
  const phone = await auth.login('1', 'phone');
  const web = await auth.login('1', 'browser');
  const other = await auth.login('2', 'browser');
  const end = (sessionId: string) => reasonOf(auth.gateway.deleteSession({ sessionId }, web.as));
  expect(await end(other.session.sessionId)).toBe('SESSION_NOT_FOUND');
  expect(await end('no-such-session')).toBe('SESSION_NOT_FOUND');
  expect(await end(phone.session.sessionId)).toBe('accepted');
  expect(await end(phone.session.sessionId)).toBe('SESSION_NOT_FOUND');
  expect(await auth.sessionIds(web.as)).toEqual([web.session.sessionId]);
  expect(await auth.sessionIds(other.as)).toEqual([other.session.sessionId]);
  expect(await revoked()).toEqual([[phone.session.sessionId, SignOutReason_Value.REVOKED]]);
});

test('revoking the others leaves the asking session alone', async () => {
  const phone = await auth.login('1', 'phone');
  const web = await auth.login('1', 'browser');
  const tablet = await auth.login('1', 'tablet');
  const other = await auth.login('2', 'browser');
  await auth.gateway.revokeOtherSessions({}, web.as);
  expect(await auth.sessionIds(web.as)).toEqual([web.session.sessionId]);
  expect(await auth.sessionIds(other.as)).toEqual([other.session.sessionId]);
  const ended = (await revoked()).map(([sessionId]) => sessionId);
  expect(ended.sort()).toEqual([phone.session.sessionId, tablet.session.sessionId].sort());
});

test('a logout ends the calling session, once', async () => {
  const phone = await auth.login('1', 'phone');
  const web = await auth.login('1', 'browser');
  await auth.gateway.logout({}, phone.as);
  await auth.gateway.logout({}, phone.as);
  expect(await auth.sessionIds(web.as)).toEqual([web.session.sessionId]);
  expect(await revoked()).toEqual([[phone.session.sessionId, SignOutReason_Value.REVOKED]]);
});

test('a logout cannot name the session of another user', async () => {
  const phone = await auth.login('1', 'phone');
  await auth.gateway.logout({}, speakFor('2', phone.session.sessionId));
  expect(await auth.sessionIds(phone.as)).toEqual([phone.session.sessionId]);
});

test('sessions and revocations outlive a restart', async () => {
  const phone = await auth.login('1', 'phone');
  const web = await auth.login('1', 'browser');
  await auth.gateway.logout({}, web.as);
  const before = await auth.gateway.listRevoked({});
  auth.clock.at += 10_000;
  await auth.process.restart();
  const after = await auth.gateway.listRevoked({});
  expect(after.bornAt).toBe(before.bornAt);
  expect(after.revoked).toEqual(before.revoked);
  expect((await auth.gateway.listRevoked({ cursor: before.cursor })).revoked).toEqual([]);
  expect(await auth.sessionIds(phone.as)).toEqual([phone.session.sessionId]);
});

async function revoked() {
  return (await auth.gateway.listRevoked({})).revoked.map(
    ({ sessionId, reason }) => [sessionId, reason] as const,
  );
}
