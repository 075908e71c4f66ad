import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@im/common/config/load-config.ts';
import type { Database } from '@im/common/database/database.ts';
import { openSqliteDatabase } from '@im/common/database/open-sqlite.ts';
import { Platform_Value, SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { Carrying } from '@im/common/service/module.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { createMetrics } from '@im/common/telemetry/metrics.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { openTestRedis, type TestRedis } from '@im/common/testing/test-redis.ts';
import { untilTrue } from '@im/common/testing/until-true.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carry } from './carry.ts';
import { authConfig } from './config.ts';
import { restored } from './restored.ts';
import { STORE_KEYS, sessionKey, userKey } from './session/redis/keys.ts';
import type { NewSession, Sessions } from './session/sessions.ts';
import { openSessionsDatabase } from './session/sessions-database.ts';
import { openSessionsRedis } from './session/sessions-redis.ts';
import { sessionMigrations } from './session/store/migrations/index.ts';
import type { SessionTables } from './session/store/tables.ts';

const addresses = stackAddresses();
const START = 1_700_000_000_250;
const DAY_MS = 24 * 60 * 60_000;
const { REVOKED } = SignOutReason_Value;
const config = (settings: Record<string, unknown>) =>
  loadConfig(authConfig, {
    settings: { where: 'test', values: { sessionsDurability: 'vouched', ...settings } },
  });

test('sessions are carried to Redis or not at all', async () => {
  await expect(carry(config({}), undefined as never)).rejects.toThrow(/sessions: must be redis/);
});

describe.skipIf(addresses === undefined)('sessions on their way to Redis', () => {
  let folder: string;
  let database: Database<SessionTables>;
  let here: Sessions;
  let redis: TestRedis;
  let carrying: Carrying;
  const log = createLogger({ level: 'silent' });
  const settings = () =>
    config({ sessions: `${addresses!.sessionRedisUrl}?prefix=${redis.keyPrefix.replace(/auth:$/, '')}` });
  const host = () => ({
    now: () => START + 60_000,
    log,
    metrics: createMetrics(),
    until: async <T>(_what: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> => {
      await untilTrue(() => attempt(AbortSignal.timeout(5_000)).then(() => true));
      return attempt(AbortSignal.timeout(5_000));
    },
  });
  const there = () => openSessionsRedis({ redis, now: START + 60_000, durability: 'vouched' });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'im-carry-'));
    database = await openSqliteDatabase({ file: join(folder, 'a.db'), migrations: sessionMigrations });
    here = await openSessionsDatabase(database, START);
    redis = await openTestRedis(addresses!.sessionRedisUrl, { keyPrefix: `test:${folder}:auth:` });
    for (const id of ['phone', 'tablet', 'ended', 'expired']) await here.open(session(id), 'many');
    await here.open(session('other', '2'), 'many');
    await here.rotate({
      sessionId: 'phone',
      fromGeneration: 1,
      newestHash: 'hash 2',
      expiresAt: START + 30 * DAY_MS,
      at: START + 10,
      address: '',
    });
    await here.end({ uid: '1', sessionId: 'ended' }, REVOKED, START + 20);
    await here.report({ gatewayBootId: 'gateway', online: ['tablet'], offline: [], at: START + 30 });
    carrying = await carry(settings(), { ...host(), from: database as unknown as Database<unknown> });
  });
  afterEach(async () => {
    await carrying.close();
    await redis.close();
    await database.close();
    rmSync(folder, { recursive: true });
  });

  test('they are there as they were here, and go on', async () => {
    expect(await carrying.isEmpty()).toBe(true);
    let rows = 0;
    for (let again = 0; again < 2; again++) {
      rows = 0;
      await carrying.copy((count) => {
        rows += count;
      });
    }
    expect(rows).toBe(6);
    expect(await carrying.isEmpty()).toBe(false);
    expect(await carrying.compare()).toEqual([]);
    const sessions = await there();
    expect(await sessions.bornAt(START + 60_000)).toBe(await here.bornAt(START + 60_000));
    const ids = async (of: Sessions) =>
      (await of.list('1', START + 60_000)).map(({ sessionId }) => sessionId);
    expect(await ids(sessions)).toEqual(await ids(here));
    const { cursor } = await here.revocationsSince(undefined, 10);
    expect((await sessions.revocationsSince(cursor, 10)).revocations).toEqual([]);
    await sessions.end({ uid: '1', sessionId: 'tablet' }, REVOKED, START + 61_000);
    const { revocations } = await sessions.revocationsSince(cursor, 10);
    expect(revocations.map(({ sessionId }) => sessionId)).toEqual(['tablet']);
    expect(await sessions.end({ uid: '1', sessionId: 'ended' }, REVOKED, START + 61_000)).toBe(0);
    // What is forgotten in its time is found by its time.
    await sessions.sweep(START + 40 * DAY_MS);
    expect((await redis.keys()).sort()).toEqual(['store']);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['a session is missing', () => redis.client.del(sessionKey('other')), /session other: is not there/],
    ['another was last seen', () => redis.client.hset(sessionKey('tablet'), 'seen', START), /session tablet/],
    ['a family is older', () => changeText('phone'), /session phone: is another one/],
    ['a revocation is missing', () => redis.client.del(STORE_KEYS.revocations), /revocations: others/],
    [
      'the birth is another',
      () => redis.client.hset(STORE_KEYS.store, 'bornAt', START - 1_250),
      /revocations/,
    ],
    ['there is one more', () => redis.client.zadd(STORE_KEYS.expiry, 1, 'more'), /5 here, 6 there/],
  ])('it is noticed when %s', async (_what, damage, says) => {
    await carrying.copy(() => {});
    await damage();
    expect((await carrying.compare()).join('\n')).toMatch(says);
  });

  async function changeText(sessionId: string): Promise<void> {
    const text = await redis.client.hget(userKey('1'), `s:${sessionId}`);
    await redis.client.hset(userKey('1'), `s:${sessionId}`, text!.replace('hash 2', 'hash 1'));
  }

  test('after a restore nobody is signed in, unless it is said; tokens of before are refused', async () => {
    await carrying.copy(() => {});
    const openDatabase = () => Promise.reject(new Error('the database is not used'));
    const restore = (keepSessions: boolean) =>
      restored(settings(), { ...host(), keepSessions, openDatabase });
    expect(await restore(true)).toMatch(/kept/);
    expect(await carrying.compare()).toEqual([]);
    expect(await restore(false)).toMatch(/sessions ended: 4/);
    expect(await restore(false)).toMatch(/sessions ended: 0/);
    const sessions = await there();
    expect(await sessions.list('1', START + 60_000)).toEqual([]);
    expect(await sessions.find('phone')).toMatchObject({ endedAt: START + 60_000, lastSeenAt: START + 10 });
    expect(await sessions.find('ended')).toMatchObject({ endedAt: START + 20 });
    expect((await sessions.lastSeen(['1'])).get('1')).toBe(START + 30);
    expect(await sessions.bornAt(START + 70_000)).toBeGreaterThanOrEqual(START + 60_000);
  });
});

function session(sessionId: string, uid = '1'): NewSession {
  return {
    sessionId,
    uid,
    deviceId: sessionId,
    platform: Platform_Value.IOS,
    name: `${sessionId} 名前`,
    createdAt: START,
    lastSeenAt: START,
    address: '10.0.0.1',
    family: {
      generation: 1,
      newestHash: 'hash 1',
      previousHash: '',
      rotatedAt: START,
      expiresAt: START + (sessionId === 'expired' ? 1_000 : 30 * DAY_MS),
    },
  };
}
