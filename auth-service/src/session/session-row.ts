import type { NewSession, StoredSession } from './sessions.ts';
import type { SessionRow } from './store/tables.ts';

export function toSessionRow(session: NewSession): SessionRow {
  return {
    session_id: session.sessionId,
    uid: session.uid,
    device_id: session.deviceId,
    platform: session.platform,
    name: session.name,
    created_at: session.createdAt,
    last_seen_at: session.lastSeenAt,
    address: session.address,
    generation: session.family.generation,
    newest_hash: session.family.newestHash,
    previous_hash: session.family.previousHash,
    rotated_at: session.family.rotatedAt,
    expires_at: session.family.expiresAt,
    ended_at: 0,
  };
}

export function fromSessionRow(row: SessionRow): StoredSession {
  return {
    sessionId: row.session_id,
    uid: row.uid,
    deviceId: row.device_id,
    platform: row.platform,
    name: row.name,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    address: row.address,
    family: {
      generation: row.generation,
      newestHash: row.newest_hash,
      previousHash: row.previous_hash,
      rotatedAt: row.rotated_at,
      expiresAt: row.expires_at,
    },
    endedAt: row.ended_at === 0 ? undefined : row.ended_at,
  };
}
