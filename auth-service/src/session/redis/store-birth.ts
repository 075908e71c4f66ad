import type { Redis } from '@im/common/cache/redis.ts';
import { defineScript } from '@im/common/cache/redis-script.ts';
import { birthAt, MOST_AHEAD_MS } from '../birth.ts';
import { STORE_KEYS } from './keys.ts';

/** The birth of the store, ARGV[1] where it has none or one that lies ahead of ARGV[2]. */
const BIRTH = `
local born = redis.call('HGET', KEYS[1], 'bornAt')
if born and tonumber(born) <= tonumber(ARGV[2]) then return born end
redis.call('HSET', KEYS[1], 'bornAt', ARGV[1])
return ARGV[1]`;

/** Gives the store's birth, and one to a store that has none, be it new or emptied since it was last asked. */
export function createStoreBirth(client: Redis): (now: number) => Promise<number> {
  const script = defineScript(client, 'imSessionsBirth', BIRTH);
  return async (now) => Number(await script.run([STORE_KEYS.store], [birthAt(now), now + MOST_AHEAD_MS]));
}
