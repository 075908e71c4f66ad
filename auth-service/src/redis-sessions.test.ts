import { ConfigError } from '@im/common/config/config-error.ts';
import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { startTcpProxy } from '@im/common/testing/tcp-proxy.ts';
import { startTestProcess, type TestProcess } from '@im/common/testing/test-process.ts';
import { openTestRedis } from '@im/common/testing/test-redis.ts';
import { untilTrue } from '@im/common/testing/until-true.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { authService } from './index.ts';
import { speakFor, startAuthProcess } from './testing/auth-process.ts';

const addresses = stackAddresses();
const url = addresses?.sessionRedisUrl ?? '';
const DEVICE = { deviceId: 'phone', platform: Platform_Value.IOS };

describe.skipIf(addresses === undefined)('auth-service on Redis', () => {
  const opened: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });

  /** A store of the test's own on a server, in the words of the settings; reached `through` a proxy if given. */
  async function storeAt(server: string, through = server): Promise<string> {
    const redis = await openTestRedis(server);
    opened.push(redis);
    return `${through}?prefix=${redis.keyPrefix}`;
  }

  test('instances share sessions: signed in on one, listed, refreshed and revoked on the other', async () => {
    const settings = {
      sessions: await storeAt(url),
      sessionsDurability: 'vouched',
      refreshSecret: 's'.repeat(43),
    };
    const [one, other] = [await startAuthProcess(settings), await startAuthProcess(settings)];
    opened.push({ close: one.process.stop }, { close: other.process.stop });
    const { session, tokens, as } = await one.login('1', 'phone');
    const renewed = await other.refresh(tokens.refreshToken);
    expect((await one.refresh(tokens.refreshToken)).refreshToken).toBe(renewed.refreshToken);
    expect(await other.sessionIds(as)).toEqual([session.sessionId]);
    await other.gateway.logout({}, as);
    const { revoked } = await one.gateway.listRevoked({});
    expect(revoked.map(({ sessionId }) => sessionId)).toContain(session.sessionId);
    await one.process.restart();
    expect(await one.sessionIds(as)).toEqual([]);
  });

  test('it waits for a Redis that is not there yet, and says so', async () => {
    const proxy = await startTcpProxy(new URL(url).host);
    opened.push(proxy);
    const settings = {
      sessions: await storeAt(url, `redis://${proxy.address}`),
      sessionsDurability: 'vouched',
    };
    proxy.cut();
    const said: unknown[] = [];
    const log = createLogger({ level: 'silent' });
    log.warn = (line: unknown) => said.push(line);
    const starting = startTestProcess({ modules: [[authService, settings]], log });
    await untilTrue(() => said.some((line) => String(line).includes('waiting for the Redis of sessions')));
    proxy.restore();
    const process: TestProcess = await starting;
    opened.push({ close: process.stop });
    const auth = process.client(AuthService, 'user-service');
    const { session } = await auth.createSession({ uid: '1', device: DEVICE });
    proxy.cut();
    const gateway = process.client(AuthService, 'api-gateway');
    const listing = () => gateway.listSessions({}, speakFor('1', session!.sessionId));
    await untilTrue(async () => {
      const answer = await listing().catch((error: { reason?: string }) => error.reason);
      return answer === 'STORE_AWAY';
    });
    expect(process.notReady()).toEqual([]);
    proxy.restore();
    await untilTrue(async () => (await listing()).sessions.length === 1);
  });

  test('it does not start on a Redis that would lose sessions', async () => {
    const modules = [[authService, { sessions: await storeAt(addresses?.redisUrl ?? '') }]] as const;
    await expect(startTestProcess({ modules })).rejects.toThrow(ConfigError);
  });
});

test('a store that is neither is refused without showing it', () => {
  for (const sessions of ['mysql://:secret@host', 'secret', '']) {
    const parsed = authService.config.safeParse({ sessions });
    expect(parsed.success, sessions).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).not.toContain('secret');
  }
  expect(authService.config.parse({}).sessions).toEqual({ engine: 'database' });
});
