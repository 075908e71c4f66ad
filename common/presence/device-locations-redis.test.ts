import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Platform_Value } from '../gen/im/session/v1/session_pb.ts';
import { createLogger } from '../telemetry/log.ts';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { startTcpProxy } from '../testing/tcp-proxy.ts';
import { openTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { untilTrue } from '../testing/until-true.ts';
import { canaryUidOf, type DeviceLocation } from './device-locations.ts';
import { deviceLocationsConformance } from './device-locations-conformance.ts';
import { createRedisDeviceLocations, type RedisDeviceLocationsOptions } from './device-locations-redis.ts';

const addresses = stackAddresses();
const url = addresses?.redisUrl ?? '';
const log = createLogger({ level: 'silent' });

describe.skipIf(addresses === undefined)('on Redis', () => {
  deviceLocationsConformance('Redis', async (isAlive) => {
    const redis = await openTestRedis(url);
    const boots = ['gateway', 'other-gateway', 'mine', 'another', 'killed', 'its-next-life'];
    const liveGateways = () => new Set(boots.filter(isAlive));
    const locations = createRedisDeviceLocations({ redis, log, liveGateways });
    // All of them were seen alive once.
    await locations.find(['nobody']);
    return {
      locations,
      async close() {
        await locations.close();
        await redis.close();
      },
    };
  });

  describe('device locations on Redis', () => {
    let redis: TestRedis;
    let clock: number;
    const opened: { close(): Promise<void> }[] = [];

    beforeEach(async () => {
      clock = 0;
      redis = await openTestRedis(url);
      opened.push(redis);
    });
    afterEach(async () => {
      for (const each of opened.splice(0).reverse()) await each.close();
    });

    function open(given: Partial<RedisDeviceLocationsOptions> = {}) {
      const locations = createRedisDeviceLocations({
        redis,
        log,
        liveGateways: () => undefined,
        clock: () => clock,
        ...given,
      });
      opened.push(locations);
      return locations;
    }

    test('while nobody knows which gateways are alive all locations count', async () => {
      const locations = open();
      await locations.add(at('1', 'a', 'whoever'));
      expect((await locations.find(['1'])).get('1')).toEqual([at('1', 'a', 'whoever')]);
    });

    test('what another process has added is found, and only its own removes it', async () => {
      const there = open();
      const here = open();
      await there.add(at('1', 'a', 'there'));
      await here.remove(at('1', 'a', 'here'));
      await here.remove(at('1', 'a', 'ther'));
      expect((await here.find(['1'])).get('1')).toEqual([at('1', 'a', 'there')]);
      await there.remove({ ...at('1', 'a', 'there'), platform: Platform_Value.UNSPECIFIED });
      expect(await redis.keys()).toEqual([]);
    });

    test('what a dead gateway left is removed once it has been missing for a while, its canary first', async () => {
      let live = new Set(['here', 'other']);
      const locations = open({ liveGateways: () => live });
      for (const boot of ['here', 'other']) {
        await locations.add(at(canaryUidOf(boot), 'canary', boot));
        await locations.add(at('1', `a of ${boot}`, boot));
      }
      await locations.find(['1']);
      live = new Set(['here']);
      const fields = () => redis.client.hkeys('loc:1');
      for (const passed of [0, 29_999]) {
        clock = passed;
        expect((await locations.find(['1'])).get('1')).toEqual([at('1', 'a of here', 'here')]);
        await locations.find(['1']);
        expect(await fields()).toHaveLength(2);
      }
      clock = 30_000;
      await locations.find(['1']);
      await untilTrue(async () => (await fields()).length === 1);
      expect((await redis.keys()).sort()).toEqual(['loc:1', `loc:${canaryUidOf('here')}`]);
    });

    test('a gateway that nobody has seen alive yet may have just come, and is found', async () => {
      let live = new Set(['here']);
      const locations = open({ liveGateways: () => live });
      await locations.add(at('1', 'a', 'new'));
      expect((await locations.find(['1'])).get('1')).toEqual([at('1', 'a', 'new')]);
      live = new Set(['here', 'new']);
      await locations.find(['1']);
      live = new Set(['here']);
      expect((await locations.find(['1'])).get('1')).toBeUndefined();
    });

    test('a gateway that was missing for a moment keeps its locations', async () => {
      let live = new Set<string>();
      const locations = open({ liveGateways: () => live });
      await locations.add(at('1', 'a', 'here'));
      await locations.find(['1']);
      live = new Set(['here']);
      clock = 20_000;
      await locations.find(['1']);
      live = new Set();
      clock = 40_000;
      await locations.find(['1']);
      clock = 69_999;
      await locations.find(['1']);
      live = new Set(['here']);
      expect((await locations.find(['1'])).get('1')).toEqual([at('1', 'a', 'here')]);
    });

    test('locations are kept as long as their process says so, and expire when it is gone', async () => {
      const lasting = open({ refreshMs: 20 });
      const dying = open();
      await lasting.add(at('1', 'a', 'here'));
      await dying.add(at('2', 'b', 'there'));
      expect(await redis.client.pttl('loc:2')).toBeGreaterThan(60_000);
      await redis.client.pexpire('loc:1', 60_000);
      await untilTrue(async () => (await redis.client.pttl('loc:1')) > 60_000);
    });

    test('a location that got lost alone has its gateway announce all again', async () => {
      const locations = open({ refreshMs: 20 });
      await locations.add(at(canaryUidOf('here'), 'canary', 'here'));
      await locations.add(at('1', 'a', 'here'));
      await locations.add(at('2', 'b', 'here'));
      await locations.remove(at('2', 'b', 'here'));
      await redis.client.del('loc:1');
      await untilTrue(async () => (await redis.keys()).length === 0);
    });

    test('emptied and announced again it is as before', async () => {
      const locations = open();
      const all = [at(canaryUidOf('here'), 'canary', 'here'), at('1', 'a', 'here')];
      for (const location of all) await locations.add(location);
      await redis.empty();
      expect(await locations.find(all.map(({ uid }) => uid))).toEqual(new Map());
      for (const location of all) await locations.add(location);
      expect((await locations.find(['1'])).get('1')).toEqual([all[1]]);
    });

    test('while Redis is away every call fails, and all is well afterwards', async () => {
      const proxy = await startTcpProxy(new URL(url).host);
      opened.push(proxy);
      const far = await openTestRedis(`redis://${proxy.address}`, { keyPrefix: redis.keyPrefix });
      opened.push(far);
      const locations = open({ redis: far });
      const here = at('1', 'a', 'here');
      await locations.add(here);
      proxy.cut();
      await untilTrue(() => far.client.status !== 'ready');
      const away = { reason: 'STORE_AWAY' };
      await expect(locations.find(['1'])).rejects.toMatchObject(away);
      await expect(locations.add(here)).rejects.toMatchObject(away);
      await expect(locations.remove(here)).rejects.toMatchObject(away);
      proxy.restore();
      await untilTrue(() => far.client.status === 'ready');
      expect((await locations.find(['1'])).get('1')).toEqual([here]);
    });

    test('many are found at once, each once', async () => {
      const locations = open();
      const uids = Array.from({ length: 2_000 }, (_, i) => `${i}`);
      await Promise.all(uids.map((uid) => locations.add(at(uid, 'a', 'here'))));
      expect((await locations.find([...uids, ...uids])).size).toBe(uids.length);
    });
  });
});

function at(uid: string, connectionId: string, gatewayBootId: string): DeviceLocation {
  return { uid, connectionId, gatewayBootId, sessionId: 'session|of it', platform: Platform_Value.WEB };
}
