import { openRedis, type RedisConnection } from '@im/common/cache/redis.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import type { RedisSetting } from '@im/common/service/port-settings.ts';
import type { AuthConfig } from '../config.ts';
import type { Sessions } from './sessions.ts';
import { openSessionsDatabase } from './sessions-database.ts';
import { openSessionsRedis } from './sessions-redis.ts';
import { sessionMigrations } from './store/migrations/index.ts';
import type { SessionTables } from './store/tables.ts';

/** After the prefix of the settings: what is here may not be thrown away as a cache. */
const OWN_PREFIX = 'auth:';
/** How long the session store may take over a command, in milliseconds: below the 2 s of an RPC. */
const COMMAND_MS = 1_500;

export interface OpenedSessions {
  readonly sessions: Sessions;
  close(): Promise<void>;
}

/** Opens the session store that the settings name; waits for a server that is not there yet. */
export async function openSessions(
  config: Pick<AuthConfig, 'sessions' | 'sessionsDurability'>,
  host: ServiceHost,
): Promise<OpenedSessions> {
  if (config.sessions.engine === 'database') {
    const database = await host.openDatabase<SessionTables>(sessionMigrations);
    return { sessions: await openSessionsDatabase(database, host.now()), close: async () => {} };
  }
  const redis = openSessionRedis(config.sessions, host);
  const { close } = redis;
  try {
    const durability = config.sessionsDurability;
    const open = () => openSessionsRedis({ redis, now: host.now(), durability });
    return { sessions: await host.until('the Redis of sessions', open), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A connection to the Redis of sessions, with the prefix of their keys; does not wait until it is there. */
export function openSessionRedis(
  { url, keyPrefix }: RedisSetting,
  { log, metrics }: Pick<ServiceHost, 'log' | 'metrics'>,
): RedisConnection {
  return openRedis({
    url,
    name: 'sessions',
    keyPrefix: keyPrefix + OWN_PREFIX,
    commandTimeoutMs: COMMAND_MS,
    log,
    metrics,
  });
}
