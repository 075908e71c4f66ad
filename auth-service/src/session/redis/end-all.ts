import type { Redis } from '@im/common/cache/redis.ts';
import { execPipeline } from '@im/common/cache/redis-pipeline.ts';
import { birthAt } from '../birth.ts';
import { keptText, parseKept } from './kept-session.ts';
import { endedKey, SESSION_FIELD, STORE_KEYS, sessionKey, userKey } from './keys.ts';

/** Sessions of one round trip. */
const BATCH = 500;

/**
 * Ends every session that has not ended yet and gives the store a later birth,
 * so that no token of before is good; leaves no revocations. Gives how many were
 * ended. For a store that nobody else uses: of a change made at the same time
 * something may stay. Doing it again is harmless.
 */
export async function endAllSessions(client: Redis, at: number): Promise<number> {
  const { expiry, store } = STORE_KEYS;
  // First: should the rest not be done, tokens of before are refused all the same.
  const born = await client.hget(store, 'bornAt');
  await client.hset(store, 'bornAt', String(birthAt(at, born === null ? undefined : Number(born))));
  let ended = 0;
  for (let from = 0; ; from += BATCH) {
    const sessionIds = await client.zrange(expiry, String(from), String(from + BATCH - 1));
    if (sessionIds.length === 0) return ended;
    ended += await endSome(client, sessionIds, at);
  }
}

async function endSome(client: Redis, sessionIds: readonly string[], at: number): Promise<number> {
  const reading = client.pipeline();
  for (const sessionId of sessionIds) reading.hmget(sessionKey(sessionId), 'uid', 'seen', 'ended');
  const found = (await execPipeline(reading)) as (string | null)[][];
  const live = sessionIds.flatMap((sessionId, index) => {
    const [uid, seen, endedText] = found[index] ?? [];
    return uid && !endedText ? [{ sessionId, uid, seen: seen ?? '0' }] : [];
  });
  if (live.length === 0) return 0;
  const texts = client.pipeline();
  for (const { sessionId, uid } of live) texts.hget(userKey(uid), SESSION_FIELD + sessionId);
  const kept = (await execPipeline(texts)) as (string | null)[];
  const writing = client.pipeline();
  let count = 0;
  for (const [index, { sessionId, uid, seen }] of live.entries()) {
    const text = kept[index];
    if (!text) continue;
    count += 1;
    writing
      .hset(sessionKey(sessionId), 'ended', keptText({ ...parseKept(text), endedAt: at }))
      .zadd(endedKey(uid), seen, sessionId)
      .hdel(userKey(uid), SESSION_FIELD + sessionId);
  }
  await execPipeline(writing);
  return count;
}
