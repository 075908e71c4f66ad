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
  /** The sockets of a user here. */
  ofUser(uid: string): ReadonlySet<Connection>;
  all(): IterableIterator<Connection>;
}

const NOBODY: ReadonlySet<Connection> = new Set();

/** `onSession` is called when a session has its first socket here, and when its last one has gone. */
export function createConnections(onSession: (sessionId: string) => void = () => {}): Connections {
  const byId = new Map<string, Connection>();
  const bySession = new Map<string, Set<Connection>>();
  const byUser = new Map<string, Set<Connection>>();

  return {
    add(connection) {
      const { uid, sessionId } = connection.user!;
      byId.set(connection.id, connection);
      const ofSession = bySession.get(sessionId) ?? new Set();
      bySession.set(sessionId, ofSession.add(connection));
      if (ofSession.size === 1) onSession(sessionId);
      byUser.set(uid, (byUser.get(uid) ?? new Set()).add(connection));
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
      const ofUser = byUser.get(uid);
      ofUser?.delete(connection);
      if (ofUser?.size === 0) byUser.delete(uid);
    },
    byId: (connectionId) => byId.get(connectionId),
    sessions: bySession,
    ofSession: (sessionId) => [...(bySession.get(sessionId) ?? [])],
    ofUser: (uid) => byUser.get(uid) ?? NOBODY,
    all: () => byId.values(),
  };
}
