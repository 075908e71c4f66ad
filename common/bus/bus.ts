import type { CommittedRecord } from '../gen/im/bus/v1/record_pb.ts';
import type { TraceContext } from '../telemetry/traces.ts';

/** How long the bus may take to answer before it counts as away. Milliseconds. */
export const BUS_ANSWERS_WITHIN_MS = 2_000;

/** Which of some records belong to traces, and where they stand in them. */
export type RecordTraces = ReadonlyMap<CommittedRecord, TraceContext>;

/**
 * Carries committed records to whoever follows them.
 *
 * Delivery is at least once. Records of one conversation published by one
 * instance arrive in the order of publishing, as long as none of them was
 * refused; repeats and reordering across instances happen, and consumers must
 * not mind: (conversation, seq) says all.
 */
export interface Bus {
  /**
   * Resolves once the bus has taken the records and will not lose them by
   * itself. Waits while a consumer of this process is too far behind, and for
   * publishing begun before it. Rejects when the bus refuses them, or does not
   * answer within BUS_ANSWERS_WITHIN_MS of the turn of any part of them; then
   * some, none or all of them may have been taken, or will be. What is said of
   * their traces travels beside them.
   */
  publish(records: readonly CommittedRecord[], traces?: RecordTraces): Promise<void>;
  /**
   * Hands batches to `follower`, the next only after the one before resolved.
   * Instances that name the same group share the records among them. A group
   * that nobody was in before begins with what is published from now on.
   *
   * Resolves once it follows; where the bus is away, after a few seconds all
   * the same, and follows as soon as it can.
   */
  subscribe(group: string, follower: BusFollower): Promise<BusSubscription>;
  /** Resolves when the bus answers, and has what publishing needs; rejects with what is missing within twice BUS_ANSWERS_WITHIN_MS. */
  reachable(): Promise<void>;
}

/** One that follows the bus. */
export interface BusFollower {
  /**
   * Deals with its own failures: a batch that it rejects may come again or be
   * lost, and the next one comes all the same. Slow is allowed: what comes
   * meanwhile waits at the bus.
   */
  take(records: readonly CommittedRecord[], traces?: RecordTraces): Promise<void>;
  /**
   * Records may have gone by unseen: the group starts anywhere but where it
   * stopped. All of them were published, thus committed, before this call; it
   * comes before the records that follow. Must not throw.
   */
  lost(): void;
}

export interface BusSubscription {
  /** Resolves when the follower has finished with what it was due and will not be called again. */
  close(): Promise<void>;
}
