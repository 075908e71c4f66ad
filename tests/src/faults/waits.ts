import type { HistoryEntry } from '@im/common/testing/checker/history.ts';

/** How long senders waited for an answer, with all that they asked again in between. */
export interface Waits {
  onEntry(entry: HistoryEntry): void;
  /** Milliseconds of the longest that ended, or of one that still waits, since the last time this was asked. */
  takeLongest(): number;
}

export function createWaits(): Waits {
  const since = new Map<string, number>();
  let longest = 0;
  return {
    onEntry(entry) {
      if (entry.entry !== 'invoked' && entry.entry !== 'answered' && entry.entry !== 'refused') return;
      if (!('clientMsgId' in entry.request.body)) return;
      const name = `${entry.device} ${entry.request.body.clientMsgId}`;
      if (entry.entry === 'invoked') {
        since.set(name, performance.now());
        return;
      }
      longest = Math.max(longest, performance.now() - (since.get(name) ?? performance.now()));
      since.delete(name);
    },
    takeLongest() {
      const waiting = [...since.values()].map((start) => performance.now() - start);
      const taken = Math.max(longest, ...waiting);
      longest = 0;
      return taken;
    },
  };
}
