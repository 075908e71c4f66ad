import type { Spares } from './spares.ts';
import type { Waiting } from './waiting.ts';

/** For so long a partition that another instance holds is only tried with the lane's next rounds. Milliseconds. */
const TRIED_FOR_MS = 50;

/**
 * The partitions of a lane that another instance keeps locked. Each is tried
 * with the lane's rounds; after 50 ms its records are set aside and wait for the
 * lock on a spare connection, if there is one, while the lane goes on with all
 * others.
 */
export interface LockedPartitions {
  any(): boolean;
  has(partitionId: number): boolean;
  /** Takes out of a lane's queue what waits on a spare connection now. Gives the rest, in order. */
  setAside(queue: Waiting[]): Waiting[];
  /** What a round took, and what of it was left out. */
  tried(batch: readonly Waiting[], leftOut: readonly Waiting[]): void;
}

export function createLockedPartitions(options: {
  spares: Spares;
  /** Waits once for a partition's lock and runs what `queue` gives. Gives those that are not answered then. Never rejects. */
  wait: (queue: Waiting[]) => Promise<Waiting[]>;
  /** The lane has these again, before all that it was given later. */
  giveBack: (queue: Waiting[]) => void;
}): LockedPartitions {
  const { spares, wait, giveBack } = options;
  /** Since when each has been left out, on the clock of performance.now(); the next to be waited for first. */
  const leftOutSince = new Map<number, number>();
  const aside = new Map<number, Waiting[]>();

  async function waitFor(partitionId: number, queue: Waiting[]): Promise<void> {
    const left = await wait(queue);
    spares.giveBack();
    const came = aside.get(partitionId)!;
    aside.delete(partitionId);
    const since = leftOutSince.get(partitionId)!;
    leftOutSince.delete(partitionId);
    // Where it is still locked, the next to be waited for is another.
    if (left.length > 0) leftOutSince.set(partitionId, since);
    giveBack([...left, ...came]);
  }

  function toWaitFor(): number[] {
    const longSince = performance.now() - TRIED_FOR_MS;
    const ids: number[] = [];
    for (const [partitionId, since] of leftOutSince) {
      if (since <= longSince && !aside.has(partitionId) && spares.take()) ids.push(partitionId);
    }
    return ids;
  }

  return {
    any: () => leftOutSince.size > 0,
    has: (partitionId) => leftOutSince.has(partitionId),
    setAside(queue) {
      if (leftOutSince.size === 0) return queue;
      const starting = new Map(toWaitFor().map((partitionId): [number, Waiting[]] => [partitionId, []]));
      for (const partitionId of starting.keys()) aside.set(partitionId, []);
      const rest = queue.filter((each) => {
        const own = starting.get(each.partitionId) ?? aside.get(each.partitionId);
        own?.push(each);
        return own === undefined;
      });
      for (const [partitionId, own] of starting) void waitFor(partitionId, own);
      return rest;
    },
    tried(batch, leftOut) {
      if (leftOutSince.size === 0 && leftOut.length === 0) return;
      const locked = new Set(leftOut.map((each) => each.partitionId));
      for (const { partitionId } of batch) if (!locked.has(partitionId)) leftOutSince.delete(partitionId);
      const now = performance.now();
      for (const partitionId of locked) {
        if (!leftOutSince.has(partitionId)) leftOutSince.set(partitionId, now);
      }
    },
  };
}
