/** Groups read at a time. */
const MOST_AT_ONCE = 4;

/** Reads groups, each at most once at a time. */
export interface Readings {
  /** Has a group read: once more after the reading that is under way, if it is. */
  want(conversationId: string): void;
}

/** `read` never rejects. */
export function createReadings(read: (conversationId: string) => Promise<void>): Readings {
  const wanted = new Set<string>();
  const running = new Set<string>();

  function next(): void {
    for (const id of wanted) {
      if (running.size >= MOST_AT_ONCE) return;
      if (running.has(id)) continue;
      wanted.delete(id);
      running.add(id);
      void read(id).finally(() => {
        running.delete(id);
        next();
      });
    }
  }

  return {
    want(conversationId) {
      wanted.add(conversationId);
      next();
    },
  };
}
