import type { Redis } from '@im/common/cache/redis.ts';
import { defineScript, type RedisScript } from '@im/common/cache/redis-script.ts';

/**
 * Makes all changes of one user, or none when somebody else has changed that user meanwhile: gives 1 or 0.
 *
 * KEYS: user, ended, expiry, store, revocations, ages, then the session of each change.
 * ARGV: the version that was read ('' for none), the next one, the changes as JSON: `put` writes a session,
 * `end` ends one and leaves a revocation, `drop` forgets one.
 */
const CHANGE = `
local user, ended, expiry, store, revocations, ages = unpack(KEYS, 1, 6)
if (redis.call('HGET', user, 'version') or '') ~= ARGV[1] then return 0 end

for i, change in ipairs(cjson.decode(ARGV[3])) do
  local session = KEYS[6 + i]
  if change.kind == 'put' then
    redis.call('HSET', user, 's:' .. change.id, change.text)
    redis.call('HSET', session, 'uid', change.uid)
    local seen = redis.call('HGET', session, 'seen')
    if not seen or tonumber(seen) < tonumber(change.seen) then
      redis.call('HSET', session, 'seen', change.seen)
    end
    redis.call('ZADD', expiry, change.expiresAt, change.id)
  elseif change.kind == 'end' then
    redis.call('HDEL', user, 's:' .. change.id)
    redis.call('HSET', session, 'ended', change.text)
    redis.call('ZADD', ended, redis.call('HGET', session, 'seen') or '0', change.id)
    local no = string.format('%.0f', redis.call('HINCRBY', store, 'lastNo', 1))
    redis.call('ZADD', revocations, no, no .. ' ' .. change.revocation)
    redis.call('ZADD', ages, change.at, no)
  else
    redis.call('HDEL', user, 's:' .. change.id)
    redis.call('ZREM', ended, change.id)
    redis.call('ZREM', expiry, change.id)
    redis.call('DEL', session)
  end
end

redis.call('HSET', user, 'version', ARGV[2])
if redis.call('HLEN', user) == 1 and redis.call('EXISTS', ended) == 0 then redis.call('DEL', user) end
return 1`;

export function defineChangeScript(client: Redis): RedisScript {
  return defineScript(client, 'imChangeSessions', CHANGE);
}
