/** How far a replay is, and who wants to know when it has come to a point. */
export interface Progress {
  readonly acked: number;
  /** One more message was acknowledged. */
  ack(): void;
  /** Resolves once `count` messages were acknowledged, or never. */
  reached(count: number): Promise<void>;
}

/** Counts from 0. */
export function createProgress(): Progress {
  const waiting: { count: number; resolve: () => void }[] = [];
  let acked = 0;
  return {
    get acked() {
      return acked;
    },
    ack() {
      acked++;
      for (const { count, resolve } of waiting) if (acked === count) resolve();
    },
    reached: (count) =>
      new Promise((resolve) => {
        if (acked >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}
