import type { Redis } from 'ioredis';
import { defineScript, type RedisScript } from '../cache/redis-script.ts';

/** Removes field ARGV[1] of a user where its value begins with ARGV[2]. */
const REMOVE = `
local value = redis.call('HGET', KEYS[1], ARGV[1])
if value and string.sub(value, 1, #ARGV[2]) == ARGV[2] then
  redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0`;

/** As REMOVE, of a gateway that seems to be gone, whose canary is KEYS[2]. */
const SWEEP = `
local value = redis.call('HGET', KEYS[1], ARGV[1])
if value and string.sub(value, 1, #ARGV[2]) == ARGV[2] then
  redis.call('DEL', KEYS[2])
  redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0`;

/** Keeps a user for ARGV[3] more milliseconds where field ARGV[1] has the value ARGV[2]; 0 where it has not. */
const REFRESH = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[3])`;

export interface LocationScripts {
  readonly remove: RedisScript;
  readonly sweep: RedisScript;
  readonly refresh: RedisScript;
}

export function defineLocationScripts(client: Redis): LocationScripts {
  return {
    remove: defineScript(client, 'imRemoveLocation', REMOVE),
    sweep: defineScript(client, 'imSweepLocation', SWEEP),
    refresh: defineScript(client, 'imRefreshLocation', REFRESH),
  };
}
