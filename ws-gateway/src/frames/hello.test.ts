import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { createMemoryDeviceLocations } from '@im/common/presence/device-locations-memory.ts';
import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

describe.each(PROTOCOLS)('%s', (protocol) => {
  const start: typeof startGateway = (settings, options) => startGateway(settings, { protocol, ...options });

  describe('with default settings', () => {
    let gateway: TestGateway;

    beforeAll(async () => {
      gateway = await start({ heartbeatSeconds: 17 });
    });
    afterAll(() => gateway.stop());

    test('hello is answered with welcome, and by then the device can be found', async () => {
      const { uid, sessionId, accessToken } = await gateway.signIn('7');
      const socket = await gateway.connect();
      const answer = await socket.ask({ hello: { accessToken } });
      const found = await gateway.process.kit.locations.find(['7']);
      expect(answer).toEqual({
        replyTo: '1',
        welcome: {
          uid,
          sessionId,
          serverTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          heartbeatSeconds: 17,
          epoch: 'epoch-1',
        },
      });
      expect(found.get('7')).toEqual([
        {
          uid,
          sessionId,
          platform: Platform_Value.WEB,
          connectionId: expect.any(String),
          gatewayBootId: gateway.process.kit.bootId,
        },
      ]);
    });

    test('a socket that is gone is not found any more', async () => {
      const socket = await gateway.join('8');
      socket.ws.close();
      await eventually(async () => expect((await gateway.process.kit.locations.find(['8'])).size).toBe(0));
    });

    test('frames that come before the welcome wait for it and keep their order', async () => {
      const { accessToken } = await gateway.signIn('9');
      const socket = await gateway.connect();
      socket.send({ hello: { accessToken } });
      for (let count = 0; count < 50; count++) socket.send({ ping: {} });
      await socket.answerTo('51');
      expect(socket.frames.map(({ replyTo }) => replyTo)).toEqual(
        Array.from({ length: 51 }, (_, index) => String(index + 1)),
      );
      expect(socket.frames[0].welcome.uid).toBe('9');
    });

    test('a token that is none gets an error, then 4001', async () => {
      const socket = await gateway.connect();
      const answer = await socket.ask({ hello: { accessToken: 'not.a.token' } });
      expect(answer.error).toMatchObject({ code: 401, status: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' });
      expect(answer.error.requestId).not.toBe('');
      expect((await socket.closed).code).toBe(4001);
    });

    test('the token of a session that has ended gets an error, then 4001', async () => {
      const session = await gateway.signIn('10');
      const speakFor = { kind: 'user', uid: '10', sessionId: session.sessionId } as const;
      await gateway.process.client(AuthService, 'api-gateway').logout({}, { speakFor });
      await vi.waitFor(
        async () => {
          const socket = await gateway.connect();
          const answer = await socket.ask({ hello: { accessToken: session.accessToken } });
          if (answer.welcome !== undefined) socket.ws.close();
          expect(answer.error?.reason).toBe('SESSION_REVOKED');
          expect((await socket.closed).code).toBe(4001);
        },
        { timeout: 5_000, interval: 100 },
      );
    });

    test('anything but hello first gets an error, then 4001', async () => {
      const socket = await gateway.connect();
      const answer = await socket.ask({ ping: {} });
      expect(answer.error.reason).toBe('HELLO_FIRST');
      expect((await socket.closed).code).toBe(4001);
    });

    test('a second hello is refused and changes nothing', async () => {
      const socket = await gateway.join('11');
      const answer = await socket.ask({ hello: { accessToken: socket.session.accessToken } });
      expect(answer.error).toMatchObject({
        code: 409,
        status: 'FAILED_PRECONDITION',
        reason: 'HELLO_REPEATED',
      });
      expect(await socket.ask({ ping: {} })).toMatchObject({ pong: {} });
    });

    test('a hello with a bad field gets an error and may be said again', async () => {
      const { accessToken } = await gateway.signIn('12');
      const socket = await gateway.connect();
      expect((await socket.ask({ hello: {} })).error).toMatchObject({
        reason: 'INVALID_FIELD',
        metadata: { field: 'accessToken' },
      });
      expect((await socket.ask({ hello: { accessToken } })).welcome.uid).toBe('12');
    });

    test.runIf(protocol === 'im.v1.json')('so does one with a field that there is not', async () => {
      const { accessToken } = await gateway.signIn('13');
      const socket = await gateway.connect();
      expect((await socket.ask({ hello: { accessToken, more: 1 } })).error).toMatchObject({
        reason: 'UNKNOWN_FIELD',
        metadata: { field: 'more' },
      });
      expect((await socket.ask({ hello: { accessToken } })).welcome.uid).toBe('13');
    });
  });

  describe('with other settings', () => {
    let gateway: TestGateway;

    afterEach(() => gateway.stop());

    test('no hello in time is 4009', async () => {
      gateway = await start({ helloTimeoutMs: 50 });
      const socket = await gateway.connect();
      expect((await socket.closed).code).toBe(4009);
    });

    test('one socket of a user too many is 4013, and room is made when one goes', async () => {
      gateway = await start({ socketsPerUser: 2 });
      const first = await gateway.join('1');
      await gateway.join('1');
      await gateway.join('2');
      const { accessToken } = await gateway.signIn('1');
      const third = await gateway.connect();
      third.send({ hello: { accessToken } });
      expect((await third.closed).code).toBe(4013);
      first.ws.close();
      await eventually(async () => {
        const fourth = await gateway.connect();
        fourth.send({ hello: { accessToken } });
        await fourth.waitFor((frame) => frame.welcome);
      });
    });

    test('while the store was never heard of, hello says so and the client is to come back', async () => {
      gateway = await start({}, { chat: 'away' });
      await gateway.process.ready();
      const { accessToken } = await gateway.signIn('1');
      const socket = await gateway.connect();
      expect((await socket.ask({ hello: { accessToken } })).error).toMatchObject({
        status: 'UNAVAILABLE',
        reason: 'SERVICE_AWAY',
      });
      expect((await socket.closed).code).toBe(1012);
    });

    test('a socket that goes while its location is written leaves none behind', async () => {
      const locations = createMemoryDeviceLocations();
      const written = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      gateway = await start(
        {},
        {
          locations: {
            ...locations,
            async add(location) {
              begun.resolve();
              await written.promise;
              await locations.add(location);
            },
          },
        },
      );
      const { accessToken } = await gateway.signIn('1');
      const socket = await gateway.connect();
      socket.send({ hello: { accessToken } });
      await begun.promise;
      socket.ws.terminate();
      await socket.closed;
      written.resolve();
      await gateway.gateway.stop();
      expect((await locations.find(['1'])).size).toBe(0);
    });
  });
});
