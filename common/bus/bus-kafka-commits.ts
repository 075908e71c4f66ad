import { BUS_ANSWERS_WITHIN_MS } from './bus.ts';
import type { KafkaMember, Share } from './bus-kafka-member.ts';
import { type Complain, inTime, needsRejoin } from './kafka-errors.ts';

/** Between two commits at least: each is a write of Kafka's, and a consumer that dies makes this much come again. Milliseconds. */
const COMMIT_EVERY_MS = 100;

/** Where a follower is in a partition. */
export interface Position {
  /** The offset of the next record to take. */
  next: bigint;
  /** The end of the partition when it was last heard of. */
  end: bigint;
  /** What Kafka keeps for the group; undefined where it keeps nothing. */
  committed: bigint | undefined;
}

/** Tells Kafka how far the group has come in the partitions of a share. */
export interface KafkaCommits {
  soon(): void;
  /** Resolves when Kafka has it, or has refused it. */
  now(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A commit that Kafka refuses is not tried again when the share is over: others
 * may have come further. What it was for is then taken again by whoever has the
 * partition.
 */
export function createKafkaCommits(options: {
  positions: ReadonlyMap<number, Position>;
  member: KafkaMember;
  share: Share;
  complain: Complain;
}): KafkaCommits {
  const { positions, member, share, complain } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  async function commit(): Promise<void> {
    if (share.over.aborted) return;
    const moved = [...positions].filter(([, { next, committed }]) => next !== committed);
    if (moved.length === 0) return;
    const offsets = moved.map(([partition, { next }]) => [partition, next] as const);
    try {
      await inTime(member.commit(offsets), BUS_ANSWERS_WITHIN_MS, 'committing');
      for (const [i, [, position]] of moved.entries()) position.committed = offsets[i]![1];
    } catch (error) {
      complain(error, 'how far the group has come could not be written');
      if (!needsRejoin(error)) soon();
    }
  }

  function now(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    // One after another, so that none is overtaken by what came before it.
    const mine = (running ?? Promise.resolve()).then(commit);
    running = mine;
    return mine;
  }

  function soon(): void {
    timer ??= setTimeout(now, COMMIT_EVERY_MS);
  }

  return {
    soon,
    now,
    async close() {
      await now();
      clearTimeout(timer);
    },
  };
}
