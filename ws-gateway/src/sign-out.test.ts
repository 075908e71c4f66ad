import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SignedIn, startGateway, type TestGateway } from './testing/start-gateway.ts';

describe.each(PROTOCOLS)('%s', (protocol) => {
  const start: typeof startGateway = (settings, options) => startGateway(settings, { protocol, ...options });

  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await start();
  });
  afterAll(() => gateway.stop());

  async function joinAs({ accessToken }: SignedIn) {
    const socket = await gateway.connect();
    await socket.ask({ hello: { accessToken } });
    return socket;
  }

  test('when a session ends all its sockets are told why and closed with 4003 within 2 s, the others stay', async () => {
    const session = await gateway.signIn('1');
    const sockets = [await joinAs(session), await joinAs(session)];
    const another = await gateway.join('1');
    const speakFor = { kind: 'user', uid: '1', sessionId: another.session.sessionId } as const;
    const revokedAt = performance.now();
    await gateway.process
      .client(AuthService, 'api-gateway')
      .deleteSession({ sessionId: session.sessionId }, { speakFor });
    for (const socket of sockets) {
      expect((await socket.closed).code).toBe(4003);
      expect(socket.frames.at(-1)).toEqual({ signedOut: { reason: 'REVOKED' } });
    }
    expect(performance.now() - revokedAt).toBeLessThan(2_000);
    expect(await another.ask({ ping: {} })).toMatchObject({ pong: {} });
    const changed = await another.waitFor((frame) => frame.changed);
    expect(changed.changed).toMatchObject({ sessions: true });
    expect(another.frames.filter((frame) => frame.changed)).toHaveLength(1);
  });

  test('the reason is the one of the revocation', async () => {
    const socket = await gateway.join('2');
    await gateway.process.client(AuthService, 'user-service').revokeUserSessions({
      uid: '2',
      reason: SignOutReason_Value.PASSWORD_CHANGED,
      createdBefore: new Date(Date.now() + 1_000).toISOString(),
    });
    expect((await socket.closed).code).toBe(4003);
    expect(socket.frames.at(-1)).toEqual({ signedOut: { reason: 'PASSWORD_CHANGED' } });
  });

  test('a login on the same device replaces the session and its sockets', async () => {
    const socket = await joinAs(await gateway.signIn('3', 'phone'));
    await gateway.signIn('3', 'phone');
    expect((await socket.closed).code).toBe(4003);
    expect(socket.frames.at(-1)).toEqual({ signedOut: { reason: 'REPLACED' } });
  });

  test('a device that the policy has no room for any more is replaced within 2 s', async () => {
    const strict = await start({}, { auth: { devicePolicy: 'one-per-platform' } });
    const displaced = await strict.join('1');
    const other = await strict.join('2');
    const signedInAt = performance.now();
    const next = await strict.join('1');
    expect((await displaced.closed).code).toBe(4003);
    expect(performance.now() - signedInAt).toBeLessThan(2_000);
    expect(displaced.frames.at(-1)).toEqual({ signedOut: { reason: 'REPLACED' } });
    for (const socket of [other, next]) expect(await socket.ask({ ping: {} })).toMatchObject({ pong: {} });
    await strict.stop();
  });
});
