import type { StoredSession } from '../session/sessions.ts';
import type { PresentedRefreshToken } from './refresh-token.ts';

/**
 * What a presented refresh token means.
 * - `rotate`: the newest one; it is used up and its successor made
 * - `repeat`: the one before the newest, a moment ago: the same successor is answered again
 * - `reused`: older than that: somebody has a copy, so the session ends
 * - `unknown`, `revoked`, `expired`: refused
 */
export type RefreshVerdict = 'rotate' | 'repeat' | 'reused' | 'unknown' | 'revoked' | 'expired';

/** Judges a presented token by its session. `now` and `graceMs` in milliseconds. */
export function judgeRefresh(
  session: StoredSession | undefined,
  presented: PresentedRefreshToken,
  now: number,
  graceMs: number,
): RefreshVerdict {
  if (!session) return 'unknown';
  const { generation, newestHash, previousHash, rotatedAt } = session.family;
  const isNewest = presented.generation === generation && presented.hash === newestHash;
  const isPrevious = presented.generation === generation - 1 && presented.hash === previousHash;
  // An older token has no stored hash: it counts only if we made it, or anybody could end a session with a guess.
  const isOlder = presented.generation < generation && presented.authentic;
  if (!isNewest && !isPrevious && !isOlder) return 'unknown';
  if (session.endedAt !== undefined) return 'revoked';
  if (session.family.expiresAt <= now) return 'expired';
  if (isNewest) return 'rotate';
  return isPrevious && now - rotatedAt <= graceMs ? 'repeat' : 'reused';
}
