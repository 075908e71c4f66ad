import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts';
import { openTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { untilTrue } from '../testing/until-true.ts';
import { openRedis } from './redis.ts';
import { parseRedisUrl } from './redis-address.ts';
import { execPipeline } from './redis-pipeline.ts';
import { defineScript } from './redis-script.ts';

const addresses = stackAddresses();

test('an address is taken apart, one that is none is refused without showing it', () => {
  expect(parseRedisUrl('redis://me:p%40ss@redis.example:7000/3')).toEqual({
    host: 'redis.example',
    port: 7000,
    username: 'me',
    password: 'p@ss',
    db: 3,
    tls: false,
  });
  expect(parseRedisUrl('rediss://[::1]')).toMatchObject({ host: '::1', port: 6379, db: 0, tls: true });
  for (const wrong of [
    '',
    'secret',
    'http://secret',
    'redis://:secret@',
    'redis://secret/db',
    'redis://h?x=secret',
  ]) {
    const refusal = attempt(() => parseRedisUrl(wrong));
    expect(refusal, wrong).toBeInstanceOf(ConfigError);
    expect(String(refusal)).not.toContain('secret');
  }
});

describe.skipIf(addresses === undefined)('a connection to Redis', () => {
  const url = addresses?.redisUrl ?? '';
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });

  async function throughProxy(
    commandTimeoutMs = 500,
  ): Promise<{ redis: TestRedis; proxy: TcpProxy; lines: string[] }> {
    const proxy = await startTcpProxy(new URL(url).host);
    opened.push(proxy);
    const { log, lines } = rememberingLog();
    const redis = await openTestRedis(`redis://${proxy.address}`, { commandTimeoutMs, log });
    opened.push(redis);
    return { redis, proxy, lines };
  }

  const away = { reason: 'STORE_AWAY' };

  test('while there is no connection a command fails at once, and it is made again by itself', async () => {
    const { redis, proxy, lines } = await throughProxy();
    expect(await redis.metrics.metrics()).toContain('im_redis_connected{redis="test"} 1');
    await redis.reachable();
    proxy.cut();
    await untilTrue(() => redis.client.status !== 'ready');
    await expect(redis.client.get('key')).rejects.toMatchObject(away);
    await expect(execPipeline(redis.client.pipeline().get('key'))).rejects.toMatchObject(away);
    await expect(redis.reachable()).rejects.toThrow(proxy.address);
    expect(await redis.metrics.metrics()).toContain('im_redis_connected{redis="test"} 0');
    proxy.restore();
    await untilTrue(() => redis.reachable().then(() => true));
    await redis.client.set('key', 'value');
    expect(await redis.client.get('key')).toBe('value');
    expect(lines.some((line) => line.includes('is there again'))).toBe(true);
  });

  test('a server that hangs holds up nobody for longer than the limit, and is left', async () => {
    const { redis, proxy, lines } = await throughProxy(100);
    proxy.pause();
    const many = Array.from({ length: 50 }, () => redis.client.get('key').catch((error: unknown) => error));
    for (const failure of await Promise.all(many)) expect(failure).toMatchObject(away);
    await untilTrue(() => redis.client.status !== 'ready');
    await expect(redis.client.get('key')).rejects.toMatchObject(away);
    await expect(redis.reachable()).rejects.toThrow();
    proxy.restore();
    await untilTrue(() => redis.reachable().then(() => true));
    // Not a line for each of them.
    const slow = lines.filter((line) => line.includes('is slow'));
    expect(slow.length).toBeGreaterThan(0);
    expect(slow.length).toBeLessThan(many.length / 5);
    expect(await redis.metrics.metrics()).toMatch(/im_redis_slow_commands_total{redis="test"} [1-9]/);
  });

  test('what was asked of a connection that broke is not asked again', async () => {
    const { redis, proxy } = await throughProxy();
    proxy.pause();
    const asked = redis.client.incr('count');
    proxy.cut();
    await expect(asked).rejects.toMatchObject(away);
    proxy.restore();
    await untilTrue(() => redis.reachable().then(() => true));
    expect(await redis.client.get('count')).toBe(null);
  });

  test('neither errors nor logs hold the password or what a command was about', async () => {
    const { log, lines } = rememberingLog();
    const named = { name: 'test', keyPrefix: '', metrics: new Registry(), log };
    const refused = openRedis({ ...named, url: url.replace('redis://', 'redis://nobody:hunter2@') });
    opened.push(refused);
    await untilTrue(() => lines.some((line) => line.includes('is away')));
    await expect(refused.reachable()).rejects.toThrow(/WRONGPASS/);
    const redis = await openTestRedis(url, { log });
    opened.push(redis);
    await redis.client.set('text', 'value');
    const failure = await redis.client.hset('text', 'field', 'hunter2').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ReplyError' });
    log.error({ err: failure }, 'failed');
    expect(lines.at(-1)).toContain('WRONGTYPE');
    expect(lines.join('\n')).not.toContain('hunter2');
  });

  test('a script is known again after the server has forgotten it', async () => {
    const redis = await openTestRedis(url);
    opened.push(redis);
    const append = defineScript(redis.client, 'testAppend', `return redis.call('APPEND', KEYS[1], ARGV[1])`);
    expect(await append.run(['key'], ['a'])).toBe(1);
    await redis.client.script('FLUSH');
    expect(await append.run(['key'], [new Uint8Array([0, 255])])).toBe(3);
    await redis.client.script('FLUSH');
    const pipeline = redis.client.pipeline();
    append.add(pipeline, ['key'], ['b']);
    append.add(pipeline, ['key'], ['c']);
    expect(await execPipeline(pipeline)).toEqual([4, 5]);
    expect(await redis.client.getBuffer('key')).toEqual(Buffer.from([97, 0, 255, 98, 99]));
  });
});

function rememberingLog(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const log = createLogger({ level: 'info' });
  const take = (...args: unknown[]) => lines.push(JSON.stringify(args, withErrors));
  return { log: Object.assign(log, { info: take, warn: take, error: take }), lines };
}

/** Errors with all that a log might show of them. */
function withErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value;
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
