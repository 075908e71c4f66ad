import { CLOCKS_DIFFER_MS, type EndChoice, type StoredSession } from './sessions.ts';

/** Whether a session that has not been ended is live at `now` and of a choice. */
export function isChosen(
  session: Pick<StoredSession, 'uid' | 'sessionId' | 'createdAt' | 'family'>,
  { uid, sessionId, exceptSessionId, createdBefore }: EndChoice,
  now: number,
): boolean {
  if (session.uid !== uid || session.family.expiresAt <= now) return false;
  if (sessionId !== undefined && session.sessionId !== sessionId) return false;
  if (session.sessionId === exceptSessionId) return false;
  if (createdBefore === undefined || session.createdAt < createdBefore) return true;
  // Opened while a clock was ahead: when really is not known, and ending it is the safe side.
  return session.createdAt > now + CLOCKS_DIFFER_MS;
}
