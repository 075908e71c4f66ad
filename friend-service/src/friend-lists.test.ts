import { createRedisKeyValueCache } from '@im/common/cache/key-value-cache-redis.ts';
import type { ProcessKit } from '@im/common/service/process-kit.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { startTcpProxy } from '@im/common/testing/tcp-proxy.ts';
import { openTestRedis } from '@im/common/testing/test-redis.ts';
import { untilTrue } from '@im/common/testing/until-true.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { as, startFriendProcess } from './testing/friend-process.ts';

type FriendProcess = Awaited<ReturnType<typeof startFriendProcess>>;

const addresses = stackAddresses();
const url = addresses?.redisUrl ?? '';
const opened: { close(): Promise<void> }[] = [];
const nowMs = Date.UTC(2026, 0, 1);

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function start(kit: Partial<ProcessKit> = {}): Promise<FriendProcess> {
  const fixture = await startFriendProcess({ now: () => nowMs, ...kit });
  opened.push({ close: () => fixture.process.stop() });
  return fixture;
}

async function listed({ friends }: FriendProcess, uid: string): Promise<[string, string][]> {
  const page = await friends.listFriends({ pageSize: 200 }, as(uid));
  return page.friends.map((friend) => [friend.uid, friend.remark]);
}

const KEYS = ['friend-list:1', 'friend-list:2'];

/** Some time after the last change: what the lists were then is kept. */
async function untilKept(fixture: FriendProcess): Promise<void> {
  const { cache } = fixture.process.kit;
  await cache.put(KEYS.map((key) => ({ key, value: '', ttlMs: 0 })));
  await untilTrue(async () => {
    for (const uid of ['1', '2']) await listed(fixture, uid);
    const held = await cache.getMany(KEYS);
    return KEYS.every((key) => held.get(key)?.startsWith('='));
  });
}

/** Each change, seen at once by both in a list that was read before. */
async function changesShow(fixture: FriendProcess, beforeEachChange = untilKept): Promise<void> {
  const { friends } = fixture;
  const ask = (uid: string, other: string) => friends.createFriendRequest({ uid: other }, as(uid));
  async function change(work: () => Promise<unknown>): Promise<[string, string][][]> {
    await beforeEachChange(fixture);
    await work();
    return [await listed(fixture, '1'), await listed(fixture, '2')];
  }
  const { request } = await ask('1', '2');
  const accept = () => friends.acceptFriendRequest({ requestId: request!.requestId }, as('2'));
  expect(await change(accept)).toEqual([[['2', '']], [['1', '']]]);
  const name = { uid: '2', remark: '老王', updateMask: { paths: ['remark'] } };
  expect(await change(() => friends.updateFriend(name, as('1')))).toEqual([[['2', '老王']], [['1', '']]]);
  expect(await change(() => friends.deleteFriend({ uid: '1' }, as('2')))).toEqual([[], []]);
  expect(await change(() => ask('1', '2'))).toEqual([[], []]);
  expect(await change(() => ask('2', '1'))).toEqual([[['2', '']], [['1', '']]]);
}

test('what changes a list of friends shows in it at once', async () => {
  await changesShow(await start());
});

test('a list that was read is not read from the store again', async () => {
  const fixture = await start();
  await fixture.befriend('1', '2');
  await untilKept(fixture);
  await fixture.process.query('friend-service', 'DELETE FROM friendship');
  expect(await listed(fixture, '1')).toEqual([['2', '']]);
  // What decides is asked of the store.
  expect(await fixture.relations('1', ['2'])).toEqual([['2', false, false]]);
});

test('a long list goes on behind what is kept of it', async () => {
  const fixture = await start();
  const values = Array.from({ length: 1_203 }, (_, i) => `('1', '${10_000 + i}', '', ${i >> 1})`);
  await fixture.process.query(
    'friend-service',
    `INSERT INTO friendship (owner_uid, friend_uid, remark, since) VALUES ${values.join(', ')}`,
  );
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await fixture.friends.listFriends({ pageSize: 150, pageToken }, as('1'));
    seen.push(...page.friends.map(({ uid }) => uid));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual(Array.from({ length: 1_203 }, (_, i) => `${10_000 + i}`));
});

describe.skipIf(addresses === undefined)('lists of friends on Redis', () => {
  async function startOn(server: string) {
    const redis = await openTestRedis(server, { commandTimeoutMs: 100 });
    opened.push(redis);
    const fixture = await start({ cache: createRedisKeyValueCache({ redis }) });
    return { redis, fixture };
  }

  test('what changes a list of friends shows in it at once', async () => {
    const { redis, fixture } = await startOn(url);
    await changesShow(fixture);
    expect(await redis.keys()).toContain('kv:friend-list:1');
  });

  test.each(['cut', 'pause'] as const)(
    '%s: with Redis away all goes on, and when it is back too',
    async (how) => {
      const proxy = await startTcpProxy(new URL(url).host);
      opened.push(proxy);
      const { redis, fixture } = await startOn(`redis://${proxy.address}`);
      await listed(fixture, '1');
      proxy[how]();
      await changesShow(fixture, async () => {});
      proxy.restore();
      await untilTrue(() => redis.reachable().then(() => true));
      expect(await listed(fixture, '1')).toEqual([['2', '']]);
      await fixture.friends.deleteFriend({ uid: '2' }, as('1'));
      expect(await listed(fixture, '2')).toEqual([]);
    },
  );
});
