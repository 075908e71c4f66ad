import type { Redis } from '@im/common/cache/redis.ts';
import { execPipeline } from '@im/common/cache/redis-pipeline.ts';
import type { Revocation, StoredSession } from '../sessions.ts';
import { keptText } from './kept-session.ts';
import { endedKey, SESSION_FIELD, STORE_KEYS, sessionKey, userKey } from './keys.ts';
import { revocationEntry } from './revocations.ts';

/**
 * Puts sessions into a store that nobody uses yet, just as they are, ended or
 * not, with everything that finds them. Doing it again is harmless.
 */
export async function writeSessions(client: Redis, sessions: readonly StoredSession[]): Promise<void> {
  const pipeline = client.pipeline();
  for (const session of sessions) {
    const { sessionId, uid, lastSeenAt, endedAt, family } = session;
    const text = keptText(session);
    pipeline.hset(sessionKey(sessionId), 'uid', uid, 'seen', lastSeenAt);
    if (endedAt === undefined) {
      // Any version will do: the first change gives the next one.
      pipeline.hset(userKey(uid), 'version', 'carried', SESSION_FIELD + sessionId, text);
    } else {
      pipeline.hset(sessionKey(sessionId), 'ended', text).zadd(endedKey(uid), lastSeenAt, sessionId);
    }
    pipeline.zadd(STORE_KEYS.expiry, family.expiresAt, sessionId);
  }
  await execPipeline(pipeline);
}

/** Puts revocations with their numbers and times into a store that nobody uses yet. */
export async function writeRevocations(
  client: Redis,
  revocations: readonly (Revocation & { no: number; at: number })[],
): Promise<void> {
  const pipeline = client.pipeline();
  for (const { no, at, ...revocation } of revocations) {
    pipeline
      .zadd(STORE_KEYS.revocations, no, revocationEntry(no, revocation))
      .zadd(STORE_KEYS.ages, at, String(no));
  }
  await execPipeline(pipeline);
}

/** Gives the store its birth and the number of its last revocation. */
export async function writeStore(
  client: Redis,
  { bornAt, lastNo }: { bornAt: number; lastNo: number },
): Promise<void> {
  await client.hset(STORE_KEYS.store, 'bornAt', bornAt, 'lastNo', lastNo);
}
