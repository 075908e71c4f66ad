import type { StoredSession } from '../sessions.ts';

/** A session without what is kept apart because it changes often. */
export type KeptSession = Omit<StoredSession, 'lastSeenAt'>;

/** The text that a session is stored as. */
export function keptText(session: KeptSession): string {
  const { sessionId, uid, deviceId, platform, name, createdAt, address, family, endedAt } = session;
  return JSON.stringify({ sessionId, uid, deviceId, platform, name, createdAt, address, family, endedAt });
}

export function parseKept(text: string): KeptSession {
  const session = JSON.parse(text) as KeptSession;
  // JSON leaves out what is undefined.
  return { ...session, endedAt: session.endedAt };
}
