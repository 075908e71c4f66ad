import { ConfigError } from '@im/common/config/config-error.ts';
import { Platform_Value, SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { type StackServer, startServer } from '@im/common/testing/stack/start-server.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { startTcpProxy } from '@im/common/testing/tcp-proxy.ts';
import { openTestRedis, type TestRedis } from '@im/common/testing/test-redis.ts';
import { untilTrue } from '@im/common/testing/until-true.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { STORE_KEYS, userKey } from './redis/keys.ts';
import type { NewSession } from './sessions.ts';
import { CONFORMANCE_START, sessionsConformance } from './sessions-conformance.ts';
import { openSessionsRedis } from './sessions-redis.ts';

const addresses = stackAddresses();
const url = addresses?.sessionRedisUrl ?? '';
// One Redis may be given for all; it need not keep anything then.
const durability = url === addresses?.redisUrl ? 'vouched' : 'checked';
const start = CONFORMANCE_START;
const { REVOKED } = SignOutReason_Value;

describe.skipIf(addresses === undefined)('on Redis', () => {
  sessionsConformance('Redis', async () => {
    let redis = await openTestRedis(url);
    const { keyPrefix } = redis;
    const open = (now: number) => openSessionsRedis({ redis, now, durability });
    return {
      sessions: await open(start),
      async reopen(now) {
        await redis.disconnect();
        redis = await openTestRedis(url, { keyPrefix });
        return open(now);
      },
      close: () => redis.close(),
    };
  });

  describe('sessions on Redis', () => {
    let redis: TestRedis;
    const opened: { close(): Promise<void> }[] = [];

    beforeEach(async () => {
      redis = await openTestRedis(url);
      opened.push(redis);
    });
    afterEach(async () => {
      for (const each of opened.splice(0).reverse()) await each.close();
    });

    const openSessions = (on: TestRedis = redis, now = start) =>
      openSessionsRedis({ redis: on, now, durability });

    test('two instances see one store, and of rotations at once on both one counts', async () => {
      const other = await openTestRedis(url, { keyPrefix: redis.keyPrefix });
      opened.push(other);
      const instances = [await openSessions(), await openSessions(other, start + 60_000)] as const;
      expect(await instances[1].bornAt(start + 60_000)).toBe(await instances[0].bornAt(start));
      await instances[0].open(session('phone'), 'many');
      for (let generation = 1; generation <= 20; generation++) {
        const rotated = await Promise.all(
          [0, 1, 2, 3].map((i) =>
            instances[i % 2 === 0 ? 0 : 1].rotate({
              sessionId: 'phone',
              fromGeneration: generation,
              newestHash: `hash ${generation + 1} by ${i}`,
              expiresAt: start + 1_000_000,
              at: start,
              address: '',
            }),
          ),
        );
        expect(rotated.filter(Boolean)).toHaveLength(1);
        const winner = rotated.indexOf(true);
        expect((await instances[1].find('phone'))?.family).toMatchObject({
          generation: generation + 1,
          newestHash: `hash ${generation + 1} by ${winner}`,
        });
      }
    });

    test('what instances end at once is numbered one after another, each once', async () => {
      const other = await openTestRedis(url, { keyPrefix: redis.keyPrefix });
      opened.push(other);
      const instances = [await openSessions(), await openSessions(other)] as const;
      const ids = Array.from({ length: 40 }, (_, i) => `session ${i}`);
      for (const [i, id] of ids.entries()) await instances[0].open(session(id, { uid: `${i % 4}` }), 'many');
      const read: string[] = [];
      let cursor: string | undefined;
      const follow = async () => {
        const page = await instances[1].revocationsSince(cursor, 7);
        read.push(...page.revocations.map(({ sessionId }) => sessionId));
        ({ cursor } = page);
      };
      await follow();
      const ending = ids.map((sessionId, i) =>
        instances[i % 2 === 0 ? 0 : 1].end({ uid: `${i % 4}`, sessionId }, REVOKED, start + 1),
      );
      while (read.length < ids.length) await follow();
      expect((await Promise.all(ending)).every((count) => count === 1)).toBe(true);
      expect([...read].sort()).toEqual([...ids].sort());
      const all = (await instances[0].revocationsSince(undefined, 100)).revocations;
      expect(all.map(({ sessionId }) => sessionId)).toEqual(read);
    });

    test('a session that has expired is not rotated', async () => {
      const sessions = await openSessions();
      await sessions.open(session('phone', { family: { ...family(), expiresAt: start + 10 } }), 'many');
      const rotation = { sessionId: 'phone', fromGeneration: 1, newestHash: 'h', expiresAt: start + 99 };
      expect(await sessions.rotate({ ...rotation, at: start + 10, address: '' })).toBe(false);
      expect(await sessions.rotate({ ...rotation, at: start + 9, address: '' })).toBe(true);
    });

    test('emptied in the middle it has a later birth, has forgotten everybody and takes new ones', async () => {
      const sessions = await openSessions();
      const born = await sessions.bornAt(start);
      await sessions.open(session('phone'), 'many');
      await sessions.open(session('tablet'), 'many');
      await sessions.end({ uid: '1', sessionId: 'tablet' }, REVOKED, start + 1);
      const { cursor } = await sessions.revocationsSince(undefined, 9);
      await redis.empty();
      expect(await sessions.revocationsSince(cursor, 9)).toMatchObject({ revocations: [] });
      expect(await sessions.bornAt(start + 5_000)).toBeGreaterThan(born);
      expect(await sessions.find('phone')).toBeUndefined();
      expect(await sessions.list('1', start + 5_000)).toEqual([]);
      expect(await sessions.end({ uid: '1' }, REVOKED, start + 5_000)).toBe(0);
      await sessions.report({ gatewayBootId: 'g', online: ['phone'], offline: [], at: start + 5_000 });
      await sessions.open(session('new'), 'many');
      await sessions.end({ uid: '1' }, REVOKED, start + 5_001);
      const revoked = async (from: string) =>
        (await sessions.revocationsSince(from, 9)).revocations.map(({ sessionId }) => sessionId);
      expect(await revoked(cursor)).toEqual(['new']);
    });

    test('nothing is left of sessions that were swept but the birth and the last number', async () => {
      const sessions = await openSessions();
      for (let i = 0; i < 30; i++) {
        await sessions.open(session(`s${i}`, { uid: `${i % 3}`, deviceId: `${i % 5}` }), 'many');
      }
      await sessions.report({ gatewayBootId: 'g', online: ['s29'], offline: [], at: start });
      await sessions.end({ uid: '2' }, REVOKED, start);
      await sessions.sweep(start + 100 * 86_400_000);
      expect(await redis.keys()).toEqual([STORE_KEYS.store]);
      expect(await sessions.lastSeen(['0', '1', '2'])).toEqual(new Map());
    });

    test('gateways that are gone leave no more than a few reports of a session', async () => {
      const sessions = await openSessions();
      await sessions.open(session('phone'), 'many');
      for (let i = 0; i < 50; i++) {
        const at = start + i * 60_000;
        await sessions.report({ gatewayBootId: `gateway ${i}`, online: ['phone'], offline: [], at });
      }
      expect(await redis.client.hlen('session:phone')).toBeLessThan(8);
      expect(await sessions.list('1', start + 49 * 60_000)).toMatchObject([{ online: true }]);
    });

    test('a user who signs in over and over is still read at once', async () => {
      const sessions = await openSessions();
      for (let i = 0; i < 300; i++) await sessions.open(session(`s${i}`, { deviceId: 'bot' }), 'many');
      expect(await redis.client.hlen(userKey('1'))).toBe(2);
      expect((await sessions.find('s0'))?.endedAt).toBe(start);
    });

    test('while Redis is away every call says so, and all is there afterwards', async () => {
      const proxy = await startTcpProxy(new URL(url).host);
      opened.push(proxy);
      const far = await openTestRedis(`redis://${proxy.address}`, { keyPrefix: redis.keyPrefix });
      opened.push(far);
      const sessions = await openSessions(far);
      await sessions.open(session('phone'), 'many');
      proxy.cut();
      await untilTrue(() => far.client.status !== 'ready');
      for (const call of [
        () => sessions.bornAt(start),
        () => sessions.find('phone'),
        () => sessions.list('1', start),
        () => sessions.open(session('tablet'), 'many'),
        () => sessions.end({ uid: '1' }, REVOKED, start),
        () => sessions.revocationsSince(undefined, 1),
        () => sessions.lastSeen(['1']),
        () => sessions.report({ gatewayBootId: 'g', online: ['phone'], offline: [], at: start }),
      ]) {
        await expect(call()).rejects.toMatchObject({ reason: 'STORE_AWAY' });
      }
      await expect(openSessions(far)).rejects.toThrow(proxy.address);
      proxy.restore();
      await untilTrue(() => far.client.status === 'ready');
      expect(await sessions.list('1', start)).toMatchObject([{ sessionId: 'phone' }]);
    });

    test('a server that would lose sessions is refused, with what it needs', async () => {
      const cache = await openTestRedis(addresses?.redisUrl ?? '');
      opened.push(cache);
      const refusal = openSessionsRedis({ redis: cache, now: start, durability: 'checked' });
      await expect(refusal).rejects.toThrow(ConfigError);
      await expect(refusal).rejects.toThrow(/appendonly yes \(it is no\)/);
      const vouched = await openSessionsRedis({ redis: cache, now: start, durability: 'vouched' });
      expect(await vouched.bornAt(start)).toBe(start + 750);
    });
  });

  describe('sessions on a Redis that is killed', () => {
    let server: StackServer;
    let redis: TestRedis;
    beforeEach(async () => {
      server = await startServer('redis-session');
      redis = await openTestRedis(server.address);
    });
    afterEach(async () => {
      await redis.disconnect();
      await server.stop();
    });

    test('what was promised is there after each kill, whole', async () => {
      const sessions = await openSessionsRedis({ redis, now: start, durability: 'checked' });
      const born = await sessions.bornAt(start);
      const promised: string[] = [];
      for (let round = 0; round < 3; round++) {
        let isDown = false;
        // Each writer goes on until the server is gone under it: on one device, so that each login ends the last.
        const writers = [0, 1, 2, 3].map(async (writer) => {
          for (let i = 0; !isDown; i++) {
            const sessionId = `${round}.${writer}.${i}`;
            const uid = `user of ${writer}`;
            const opening = sessions.open(session(sessionId, { uid, deviceId: 'd' }), 'many');
            const done = await opening.then(
              () => true,
              () => false,
            );
            if (!done) return;
            promised.push(sessionId);
          }
        });
        await untilTrue(() => promised.length > 50 * (round + 1));
        await server.kill('SIGKILL');
        isDown = true;
        await Promise.all(writers);
        await server.restart();
        await untilTrue(() => redis.reachable().then(() => true));

        expect(await sessions.bornAt(start + 60_000)).toBe(born);
        for (const sessionId of promised) expect(await sessions.find(sessionId), sessionId).toBeDefined();
        const live = await Promise.all([0, 1, 2, 3].map((each) => sessions.list(`user of ${each}`, start)));
        expect(live.map((each) => each.length)).toEqual([1, 1, 1, 1]);
        // A session ends with its revocation, or neither.
        const ended = new Set<string>();
        let cursor: string | undefined;
        for (;;) {
          const page = await sessions.revocationsSince(cursor, 1_000);
          for (const { sessionId } of page.revocations) {
            expect(ended.has(sessionId)).toBe(false);
            ended.add(sessionId);
          }
          if (page.revocations.length === 0) break;
          ({ cursor } = page);
        }
        const isLive = new Set(live.flat().map(({ sessionId }) => sessionId));
        for (const sessionId of promised) expect(ended.has(sessionId) !== isLive.has(sessionId)).toBe(true);
      }
    });
  });
});

function session(id: string, given: Partial<NewSession> = {}): NewSession {
  return {
    sessionId: id,
    uid: '1',
    deviceId: id,
    platform: Platform_Value.IOS,
    name: id,
    createdAt: start,
    lastSeenAt: start,
    address: '10.0.0.1',
    family: family(),
    ...given,
  };
}

function family(): NewSession['family'] {
  return {
    generation: 1,
    newestHash: 'hash 1',
    previousHash: '',
    rotatedAt: start,
    expiresAt: start + 30 * 86_400_000,
  };
}
