/** An adapter that a process has opened. */
export interface Opened<Adapter> {
  readonly adapter: Adapter;
  /** What it stands on, for an operator: `Redis at cache:6379`. */
  readonly where: string;
  /** Resolves when that is there; rejects with why not. */
  reachable(): Promise<void>;
  close(): Promise<void>;
}

/** One that stands on nothing outside the process. */
export function openedHere<Adapter>(adapter: Adapter): Opened<Adapter> {
  return { adapter, where: 'this process', reachable: async () => {}, close: async () => {} };
}
