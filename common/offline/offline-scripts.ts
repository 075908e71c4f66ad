import type { Redis } from 'ioredis';
import { defineScript, type RedisScript } from '../cache/redis-script.ts';

/**
 * A conversation is one hash. `epoch`, `first`, `last` say which seqs it holds without a hole; of each seq:
 * `n<seq>` its change number, `e<seq>` the event without its content, `c<seq>` the content, if it has one,
 * and `t<seq>` the message that it edits, if it is an edit. So that a script can take a content out.
 */
const SEQ = `
local function seq_text(seq) return string.format('%.0f', seq) end`;

/**
 * ARGV: epoch, most events, how long it is kept (ms), then for each event six: seq, change number, event,
 * content ('' for none), the message it edits or '', the message it recalls or ''.
 */
const APPEND = `${SEQ}
local key, epoch, most = KEYS[1], ARGV[1], tonumber(ARGV[2])
local held = redis.call('HMGET', key, 'epoch', 'first', 'last')
local first, last = tonumber(held[2]), tonumber(held[3])
local function start_anew()
  redis.call('DEL', key)
  first, last = nil, nil
end
if held[1] ~= epoch then start_anew() end

for i = 4, #ARGV, 6 do
  local seq, edits, recalls = tonumber(ARGV[i]), ARGV[i + 4], ARGV[i + 5]
  if last == nil or seq > last then
    if last ~= nil and seq ~= last + 1 then start_anew() end
    local s = seq_text(seq)
    redis.call('HSET', key, 'n' .. s, ARGV[i + 1], 'e' .. s, ARGV[i + 2])
    if ARGV[i + 3] ~= '' then redis.call('HSET', key, 'c' .. s, ARGV[i + 3]) end
    if edits ~= '' then redis.call('HSET', key, 't' .. s, edits) end
    first, last = first or seq, seq
    if last - first >= most then
      s = seq_text(first)
      redis.call('HDEL', key, 'n' .. s, 'e' .. s, 'c' .. s, 't' .. s)
      first = first + 1
    end
    if recalls ~= '' then
      redis.call('HDEL', key, 'c' .. recalls)
      for edit = math.max(first, tonumber(recalls)), last do
        s = seq_text(edit)
        if redis.call('HGET', key, 't' .. s) == recalls then redis.call('HDEL', key, 'c' .. s) end
      end
    end
  end
end
if last ~= nil then
  redis.call('HSET', key, 'epoch', epoch, 'first', seq_text(first), 'last', seq_text(last))
  redis.call('PEXPIRE', key, ARGV[3])
end
return 0`;

/**
 * ARGV: epoch, head, change number. The events above that change, the newest first, each as event and
 * content ('' for none); nil unless the list reaches from there to the head.
 */
const READ = `${SEQ}
local key, since = KEYS[1], tonumber(ARGV[3])
local held = redis.call('HMGET', key, 'epoch', 'first', 'last')
local first, last = tonumber(held[2]), tonumber(held[3])
if held[1] ~= ARGV[1] or last ~= tonumber(ARGV[2]) then return false end
local found = {}
for seq = last, first, -1 do
  local s = seq_text(seq)
  local entry = redis.call('HMGET', key, 'n' .. s, 'e' .. s, 'c' .. s)
  if not entry[1] or not entry[2] then return false end
  if tonumber(entry[1]) <= since then return found end
  found[#found + 1] = entry[2]
  found[#found + 1] = entry[3] or ''
end
if first ~= 1 then return false end
return found`;

export interface OfflineScripts {
  readonly append: RedisScript;
  readonly read: RedisScript;
}

export function defineOfflineScripts(client: Redis): OfflineScripts {
  return {
    append: defineScript(client, 'imAppendOffline', APPEND),
    read: defineScript(client, 'imReadOffline', READ),
  };
}
