/** Marks of one user and conversation are told at most this often. Milliseconds. */
const JOIN_MS = 1_000;
/** Users and conversations remembered as told a moment ago, at most. */
const MAX_TOLD = 50_000;

export interface MarkToTell {
  readonly conversationId: string;
  readonly uid: string;
  readonly seq: number;
  readonly recipients: readonly string[];
}

/** Joins the read marks of one user in one conversation: the first is told at once, then the newest each second. */
export interface ReadMarkJoiner {
  add(mark: MarkToTell): void;
  /** Tells what is joined, at once. */
  close(): Promise<void>;
}

/** `tell` never rejects. */
export function createReadMarkJoiner(tell: (marks: MarkToTell[]) => Promise<void>): ReadMarkJoiner {
  const toldNow = new Set<string>();
  const joined = new Map<string, MarkToTell>();
  const nameOf = (mark: MarkToTell) => `${mark.conversationId} ${mark.uid}`;

  async function tellJoined(): Promise<void> {
    const marks = [...joined.values()];
    toldNow.clear();
    for (const name of joined.keys()) toldNow.add(name);
    joined.clear();
    if (marks.length > 0) await tell(marks);
  }

  const timer = setInterval(tellJoined, JOIN_MS);
  return {
    add(mark) {
      const name = nameOf(mark);
      if (toldNow.has(name)) {
        const newest = joined.get(name);
        if (!newest || newest.seq < mark.seq) joined.set(name, mark);
        return;
      }
      if (toldNow.size < MAX_TOLD) toldNow.add(name);
      void tell([mark]);
    },
    close() {
      clearInterval(timer);
      return tellJoined();
    },
  };
}
