import type { Waiting } from './waiting.ts';

/** A lane's records that nobody has been told of yet, by partition, the oldest first. */
export interface OpenRecords {
  add(each: Waiting): void;
  /** Whether it was open. */
  delete(each: Waiting): boolean;
  has(each: Waiting): boolean;
  oldestOf(partitionId: number): Waiting | undefined;
  /** When the oldest of all arrived; undefined where none is open. */
  oldestArrival(): number | undefined;
  all(): Iterable<Waiting>;
  isEmpty(): boolean;
  /** Resolves when nothing is open; nothing must be added then. */
  whenEmpty(): Promise<void>;
  /** Whether the store was asked for it. */
  isAsked(each: Waiting): boolean;
  markAsked(each: Waiting): void;
}

export function createOpenRecords(): OpenRecords {
  const byPartition = new Map<number, Set<Waiting>>();
  const asked = new WeakSet<Waiting>();
  let count = 0;
  let emptied: (() => void) | undefined;

  return {
    add(each) {
      const own = byPartition.get(each.partitionId);
      if (own) own.add(each);
      else byPartition.set(each.partitionId, new Set([each]));
      count += 1;
    },
    delete(each) {
      if (!byPartition.get(each.partitionId)?.delete(each)) return false;
      count -= 1;
      if (count === 0) emptied?.();
      return true;
    },
    has: (each) => byPartition.get(each.partitionId)?.has(each) ?? false,
    oldestOf(partitionId) {
      const [oldest] = byPartition.get(partitionId) ?? [];
      return oldest;
    },
    oldestArrival() {
      const oldest = [...byPartition.values()].flatMap((own) => own.values().next().value ?? []);
      return count === 0 ? undefined : Math.min(...oldest.map(({ arrivedAt }) => arrivedAt));
    },
    *all() {
      for (const own of byPartition.values()) yield* own;
    },
    isEmpty: () => count === 0,
    async whenEmpty() {
      if (count > 0) await new Promise<void>((resolve) => (emptied = resolve));
    },
    isAsked: (each) => asked.has(each),
    markAsked: (each) => void asked.add(each),
  };
}
