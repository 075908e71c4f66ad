import { ConfigError } from '../config/config-error.ts';

/** Where a Redis is and how to get in. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: boolean;
}

const DEFAULT_PORT = 6379;

/**
 * Takes `redis[s]://[user][:password]@host[:port][/db]` apart; `rediss` is over TLS. Throws ConfigError,
 * without a word of the text, which may hold a password.
 */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const path = url?.pathname.replace(/^\//, '') ?? '';
  const isRedis = url?.protocol === 'redis:' || url?.protocol === 'rediss:';
  if (!url || !isRedis || url.hostname === '' || url.search !== '' || !/^\d{0,3}$/.test(path)) {
    throw new ConfigError('a Redis address must be redis://[user][:password]@host[:port][/db]');
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    db: Number(path),
    tls: url.protocol === 'rediss:',
  };
}
