import type { Redis } from '@im/common/cache/redis.ts';
import { defineScript } from '@im/common/cache/redis-script.ts';
import { parseRevocationCursor, revocationCursor } from '../revocation-cursor.ts';
import type { Revocation, RevocationPage } from '../sessions.ts';
import { STORE_KEYS } from './keys.ts';

/** Revocations forgotten at a time, so that a sweep holds up nobody. */
const SWEEP_BATCH = 500;

/**
 * KEYS: store, revocations. ARGV: birth and number of the cursor, most entries. Gives the store's birth and
 * last number with the entries above the cursor; above none where this store did not give the cursor.
 */
const SINCE = `
local store = redis.call('HMGET', KEYS[1], 'bornAt', 'lastNo')
local born, last = store[1] or '', store[2] or '0'
local above = '0'
if ARGV[1] == born and tonumber(ARGV[2]) <= tonumber(last) then above = ARGV[2] end
return {born, last, redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. above, '+inf', 'LIMIT', 0, ARGV[3])}`;

/** KEYS: ages, revocations. ARGV: a time, most entries. Forgets those not after it; gives how many. */
const SWEEP = `
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, no in ipairs(old) do
  redis.call('ZREMRANGEBYSCORE', KEYS[2], no, no)
  redis.call('ZREM', KEYS[1], no)
end
return #old`;

/** The revocations of the store, numbered by the scripts that make them, one after another. */
export interface Revocations {
  since(cursor: string | undefined, limit: number): Promise<RevocationPage>;
  /** Forgets those of `until` and before, milliseconds since 1970. */
  sweep(until: number): Promise<void>;
}

export function createRevocations(client: Redis): Revocations {
  const since = defineScript(client, 'imRevocationsSince', SINCE);
  const sweep = defineScript(client, 'imSweepRevocations', SWEEP);
  const { store, revocations, ages } = STORE_KEYS;
  return {
    async since(cursor, limit) {
      const { bornAt = '', no = 0 } = parseRevocationCursor(cursor) ?? {};
      const reply = await since.run([store, revocations], [bornAt, no, limit]);
      const [born, lastNo, entries] = reply as [string, string, string[]];
      const found = entries.map(parseEntry);
      return {
        revocations: found.map(({ revocation }) => revocation),
        cursor: revocationCursor(Number(born), found.at(-1)?.no ?? Number(lastNo)),
      };
    },
    async sweep(until) {
      let swept: unknown;
      do swept = await sweep.run([ages, revocations], [until, SWEEP_BATCH]);
      while (swept === SWEEP_BATCH);
    },
  };
}

/** A revocation as it stands in the sorted set, and as the script that ends sessions puts it there. */
export function revocationEntry(no: number, { sessionId, uid, reason }: Revocation): string {
  return `${no} ${JSON.stringify({ sessionId, uid, reason })}`;
}

/** An entry is its number and the revocation as JSON. */
function parseEntry(entry: string): { no: number; revocation: Revocation } {
  const space = entry.indexOf(' ');
  return { no: Number(entry.slice(0, space)), revocation: JSON.parse(entry.slice(space + 1)) };
}
