import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { openRedis, type RedisConnection, type RedisOptions } from '../cache/redis.ts';
import { createLogger } from '../telemetry/log.ts';
import { untilTrue } from './until-true.ts';

/** A connection to a real Redis with a prefix of the test's own. */
export interface TestRedis extends RedisConnection {
  readonly keyPrefix: string;
  readonly metrics: Registry;
  /** The test's keys that are there, without the prefix. */
  keys(): Promise<string[]>;
  /** Removes the test's keys: to everybody who uses them the server has been emptied. */
  empty(): Promise<void>;
  /** Closes the connection; the test's keys stay. */
  disconnect(): Promise<void>;
  /** Removes the test's keys and closes the connection. */
  close(): Promise<void>;
}

/** Opens a connection and waits until it is there; `given` counts before the test's own settings. */
export async function openTestRedis(url: string, given: Partial<RedisOptions> = {}): Promise<TestRedis> {
  const keyPrefix = given.keyPrefix ?? `test:${randomUUID()}:`;
  const metrics = new Registry();
  const log = createLogger({ level: 'silent' });
  const redis = openRedis({ url, name: 'test', keyPrefix, metrics, log, ...given });
  await untilTrue(async () => redis.client.status === 'ready');

  async function keys(): Promise<string[]> {
    const found: string[] = [];
    let cursor = '0';
    do {
      const [next, batch] = await redis.client.scan(cursor, 'MATCH', `${keyPrefix}*`, 'COUNT', 1_000);
      cursor = next;
      found.push(...batch.map((key) => key.slice(keyPrefix.length)));
    } while (cursor !== '0');
    return found;
  }
  async function empty(): Promise<void> {
    const all = await keys();
    if (all.length > 0) await redis.client.unlink(all);
  }
  return {
    ...redis,
    keyPrefix,
    metrics,
    keys,
    empty,
    disconnect: redis.close,
    async close() {
      await empty().catch(() => {});
      await redis.close();
    },
  };
}
