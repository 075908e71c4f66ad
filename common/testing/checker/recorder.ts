import type { HistoryEntry } from './history.ts';

/** Collects what clients record. */
export interface Recorder {
  readonly entries: readonly HistoryEntry[];
  record(entry: HistoryEntry): void;
}

/** An empty history; `onEntry` is told of everything that is added to it. */
export function createRecorder(onEntry?: (entry: HistoryEntry) => void): Recorder {
  const entries: HistoryEntry[] = [];
  return {
    entries,
    record(entry) {
      entries.push(entry);
      onEntry?.(entry);
    },
  };
}
