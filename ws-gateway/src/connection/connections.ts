import type { Connection } from './connection.ts';

/** The signed-in sockets of this gateway, by what they are looked for. */
export interface Connections {
  /** Takes in a socket whose `user` is known. */
  add(connection: Connection): void;
  remove(connection: Connection): void;
  byId(connectionId: string): Connection | undefined;
  ofSession(sessionId: string): Connection[];
  /** The sessions that have a socket here. */
  readonly sessions: { has(sessionId: string): boolean; keys(): Iterable<string> };
  /** How many sockets a user has here. */
  countOf(uid: string): number;
  all(): IterableIterator<Connection>;
}

/** `onSession` is called when a session has its first socket here, and when its last one has gone. */
export function createConnections(onSession: (sessionId: string) => void = () => {}): Connections {
  const byId = new Map<string, Connection>();
  const bySession = new Map<string, Set<Connection>>();
  const counts = new Map<string, number>();

  return {
    add(connection) {
      const { uid, sessionId } = connection.user!;
      byId.set(connection.id, connection);
      const ofSession = bySession.get(sessionId) ?? new Set();
      bySession.set(sessionId, ofSession.add(connection));
      if (ofSession.size === 1) onSession(sessionId);
      counts.set(uid, (counts.get(uid) ?? 0) + 1);
    },
    remove(connection) {
      if (!byId.delete(connection.id) || connection.user === undefined) return;
      const { uid, sessionId } = connection.user;
      const ofSession = bySession.get(sessionId);
      ofSession?.delete(connection);
      if (ofSession?.size === 0) {
        bySession.delete(sessionId);
        onSession(sessionId);
      }
      const left = (counts.get(uid) ?? 0) - 1;
      if (left > 0) counts.set(uid, left);
      else counts.delete(uid);
    },
    byId: (connectionId) => byId.get(connectionId),
    sessions: bySession,
    ofSession: (sessionId) => [...(bySession.get(sessionId) ?? [])],
    countOf: (uid) => counts.get(uid) ?? 0,
    all: () => byId.values(),
  };
}
