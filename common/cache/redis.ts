import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import { describeError } from '../errors/describe-error.ts';
import type { Logger } from '../telemetry/log.ts';
import { backoffMs, within } from '../utils/wait.ts';
import { parseRedisUrl } from './redis-address.ts';
import { RedisClient } from './redis-client.ts';
import { createRedisMetrics } from './redis-metrics.ts';

export type { Redis };

/** How long a command may take where nothing else is said, in milliseconds. */
const COMMAND_MS = 500;
const CONNECT_MS = 2_000;
const RECONNECT = { firstMs: 50, mostMs: 1_000 };
/** Commands that take longer than this are worth a line, in milliseconds; but one line in so many. */
const SLOW_MS = 100;
const SAY_SLOW_EVERY_MS = 1_000;
/** Milliseconds between two lines about the same outage. */
const SAY_AWAY_EVERY_MS = 10_000;
const CLOSE_MS = 500;

export interface RedisOptions {
  /** `redis[s]://[user][:password]@host[:port][/db]`. */
  url: string;
  /** What it is for, in logs and metrics: `cache`, `sessions`. */
  name: string;
  /** In front of every key, so that several may share a server: `im:`. */
  keyPrefix?: string;
  /** How long a command may take, in milliseconds; it fails after that, and may have been done all the same. */
  commandTimeoutMs?: number;
  log: Logger;
  metrics: Registry;
}

/** A connection to a Redis server that is made again for ever, after a growing pause. */
export interface RedisConnection {
  /**
   * Commands fail as STORE_AWAY, after `commandTimeoutMs` at the latest and at once while there is no
   * connection; none is queued or sent again, so the caller decides what to repeat. A command that failed
   * may have been done.
   */
  readonly client: Redis;
  /** Resolves when the server answers; rejects with why not, in words for an operator. */
  reachable(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a connection; does not wait until it is there. Throws ConfigError for an address that is none. */
export function openRedis(options: RedisOptions): RedisConnection {
  const { name, log, keyPrefix = '', commandTimeoutMs = COMMAND_MS } = options;
  const { tls, ...address } = parseRedisUrl(options.url);
  const where = `Redis (${name}) at ${address.host}:${address.port}`;
  const metrics = createRedisMetrics(options.metrics, name);
  const slow = createSlowLog(log, where);
  let lastError: unknown;
  let closing = false;
  let saidAwayAt = Number.NEGATIVE_INFINITY;

  const client = new RedisClient(
    {
      host: address.host,
      port: address.port,
      db: address.db,
      ...(address.username !== undefined && { username: address.username }),
      ...(address.password !== undefined && { password: address.password }),
      ...(tls && { tls: { servername: address.host } }),
      keyPrefix,
      // Replies are the same in both; a server that does not know the newer one repeats the password in its error.
      protocol: 2,
      disableClientInfo: true,
      connectTimeout: CONNECT_MS,
      commandTimeout: commandTimeoutMs,
      // A connection on which nothing comes any more is given up: what is sent later would queue behind it.
      socketTimeout: 2 * commandTimeoutMs,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      maxLoadingRetryTime: RECONNECT.mostMs,
      retryStrategy: (times) => backoffMs(times - 1, RECONNECT),
    },
    (command, ms) => {
      if (ms <= SLOW_MS) return;
      metrics.slow();
      slow(command, ms);
    },
  );

  function away(error: unknown): void {
    lastError = error;
    if (performance.now() - saidAwayAt < SAY_AWAY_EVERY_MS) return;
    saidAwayAt = performance.now();
    log.warn(`${where} is away: ${describeError(error)}`);
  }
  client.on('error', away);
  client.on('ready', () => {
    metrics.connected(true);
    if (lastError !== undefined) log.info(`${where} is there again`);
    lastError = undefined;
    saidAwayAt = Number.NEGATIVE_INFINITY;
  });
  client.on('close', () => {
    metrics.connected(false);
    if (!closing) away(lastError ?? 'it closed the connection');
  });

  return {
    client,
    async reachable() {
      const why = () => new Error(`${where}: ${describeError(lastError ?? 'not connected yet')}`);
      if (client.status !== 'ready') throw why();
      await client.ping().catch((error: unknown) => {
        lastError ??= (error as Error).cause ?? error;
        throw why();
      });
    },
    async close() {
      closing = true;
      // Lets the answers of what was sent come in.
      if (client.status === 'ready')
        await within(
          client.quit().catch(() => {}),
          CLOSE_MS,
        );
      client.disconnect();
      metrics.connected(false);
    },
  };
}

/** Says which commands were slow, one line in a while with how many there were since the last. */
function createSlowLog(log: Logger, where: string): (command: string, ms: number) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (command, ms) => {
    if (performance.now() - saidAt < SAY_SLOW_EVERY_MS) {
      unsaid += 1;
      return;
    }
    saidAt = performance.now();
    log.warn({ command, ms: Math.round(ms), others: unsaid }, `${where} is slow`);
    unsaid = 0;
  };
}
