/** A socket is told to resync at most once in this time, in milliseconds. */
export const RESYNC_GAP_MS = 10_000;

/** Resyncs of one gateway in a second: each makes a client call sync. */
export const RESYNCS_PER_SECOND = 500;

/**
 * When sockets are told that a push may have been lost. What is owed within
 * the gap after an earlier one is put off, not dropped: the loss came after it.
 */
export interface ResyncPace {
  /** A push to this connection may have been lost. */
  owe(connectionId: string): void;
  /** Forgets a connection that is gone. */
  forget(connectionId: string): void;
  /** The connections to tell now; `now` in milliseconds of any one clock. */
  take(now: number): string[];
  /** How many are still to be told. */
  readonly owed: number;
}

export function createResyncPace(): ResyncPace {
  const owed = new Set<string>();
  const toldAt = new Map<string, number>();
  let allowance = 0;
  let allowanceAt: number | undefined;

  return {
    owe: (connectionId) => void owed.add(connectionId),
    forget(connectionId) {
      owed.delete(connectionId);
      toldAt.delete(connectionId);
    },
    take(now) {
      // A tenth of a second's worth at most is saved up, so that the pace is even.
      const most = RESYNCS_PER_SECOND / 10;
      const earned = allowanceAt === undefined ? most : ((now - allowanceAt) / 1_000) * RESYNCS_PER_SECOND;
      allowance = Math.min(most, allowance + earned);
      allowanceAt = now;
      const due: string[] = [];
      for (const connectionId of owed) {
        if (allowance < 1) break;
        const last = toldAt.get(connectionId);
        if (last !== undefined && now - last < RESYNC_GAP_MS) continue;
        due.push(connectionId);
        owed.delete(connectionId);
        toldAt.set(connectionId, now);
        allowance -= 1;
      }
      return due;
    },
    get owed() {
      return owed.size;
    },
  };
}
