import type { Connection } from '../connection/connection.ts';
import { createResyncPace } from '../domain/resync-pace.ts';

/** How often resyncs are sent while any are owed, in milliseconds. */
const ROUND_MS = 20;

/** Tells sockets that a push may have been lost, at a pace the service behind can follow. */
export interface Resyncs {
  owe(connection: Connection): void;
  forget(connection: Connection): void;
  close(): void;
}

export interface ResyncsOptions {
  /** Monotonic, in milliseconds. */
  clock: () => number;
  byId: (connectionId: string) => Connection | undefined;
  send: (connection: Connection) => void;
  onSent: (count: number) => void;
}

export function createResyncs({ clock, byId, send, onSent }: ResyncsOptions): Resyncs {
  const pace = createResyncPace();
  let timer: NodeJS.Timeout | undefined;

  function round(): void {
    timer = undefined;
    const due = pace.take(clock());
    for (const connectionId of due) {
      const connection = byId(connectionId);
      if (connection !== undefined) send(connection);
    }
    onSent(due.length);
    schedule();
  }

  function schedule(): void {
    if (pace.owed > 0) timer ??= setTimeout(round, ROUND_MS);
  }

  return {
    owe(connection) {
      pace.owe(connection.id);
      schedule();
    },
    forget: (connection) => pace.forget(connection.id),
    close: () => clearTimeout(timer),
  };
}
