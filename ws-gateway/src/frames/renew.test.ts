import { ImError } from '@im/common/errors/im-error.ts';
import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SignedIn, startGateway, type TestGateway } from '../testing/start-gateway.ts';

describe.each(PROTOCOLS)('%s', (protocol) => {
  const start: typeof startGateway = (settings, options) => startGateway(settings, { protocol, ...options });

  /** Access tokens of these tests live this long; the clock is set, never waited for. */
  const TOKEN_SECONDS = 600;

  let gateway: TestGateway;
  let ahead = 0;

  beforeAll(async () => {
    gateway = await start({}, { auth: { accessTokenSeconds: TOKEN_SECONDS }, now: () => Date.now() + ahead });
  });
  afterAll(() => gateway.stop());

  async function refresh({ refreshToken }: SignedIn): Promise<string> {
    const { tokens } = await gateway.process
      .client(AuthService, 'api-gateway')
      .refreshTokens({ refreshToken });
    return tokens!.accessToken;
  }

  test('a token that runs out closes with 4001, one that is renewed in time does not', async () => {
    const forgetful = await gateway.join('1');
    const careful = await gateway.join('2');
    ahead += (TOKEN_SECONDS / 2) * 1_000;
    const answer = await careful.ask({ renew: { accessToken: await refresh(careful.session) } });
    expect(answer.welcome).toMatchObject({
      uid: '2',
      sessionId: careful.session.sessionId,
      epoch: 'epoch-1',
    });
    ahead += (TOKEN_SECONDS / 2) * 1_000;
    expect((await forgetful.closed).code).toBe(4001);
    expect(await careful.ask({ ping: {} })).toMatchObject({ pong: {} });
  });

  test('the token of another session gets an error, then 4001', async () => {
    const socket = await gateway.join('3');
    const other = await gateway.signIn('3');
    const answer = await socket.ask({ renew: { accessToken: other.accessToken } });
    expect(answer.error).toMatchObject({ code: 401, reason: 'TOKEN_INVALID' });
    expect((await socket.closed).code).toBe(4001);
  });

  test('a token that is none gets an error, then 4001', async () => {
    const socket = await gateway.join('4');
    expect((await socket.ask({ renew: { accessToken: 'x' } })).error.reason).toBe('TOKEN_INVALID');
    expect((await socket.closed).code).toBe(4001);
  });

  test('an expired token gets an error, then 4001', async () => {
    const socket = await gateway.join('5');
    const old = socket.session.accessToken;
    ahead += (TOKEN_SECONDS / 2) * 1_000;
    await socket.ask({ renew: { accessToken: await refresh(socket.session) } });
    ahead += (TOKEN_SECONDS / 2) * 1_000;
    expect((await socket.ask({ renew: { accessToken: old } })).error.reason).toBe('TOKEN_EXPIRED');
    expect((await socket.closed).code).toBe(4001);
  });

  test('a token that cannot be checked for the moment is refused and the socket stays', async () => {
    let isAway = false;
    const token = (uid: string, sessionId: string) => ({
      uid,
      sessionId,
      platform: Platform_Value.WEB,
      issuedAt: 0,
      expiresAt: Date.now() + 9e9,
    });
    const other = await start(
      {},
      {
        overrides: {
          signIn: {
            start: () => {},
            authenticate: async () => {
              if (isAway) throw new ImError('SERVICE_AWAY', 'as the test wants it');
              return token('6', 's');
            },
            check: () => {},
            notReady: () => undefined,
            close: async () => {},
          },
        },
      },
    );
    const socket = await other.join('6');
    isAway = true;
    expect((await socket.ask({ renew: { accessToken: 'x' } })).error.status).toBe('UNAVAILABLE');
    expect(await socket.ask({ ping: {} })).toMatchObject({ pong: {} });
    await other.stop();
  });
});
