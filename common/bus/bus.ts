import type { CommittedRecord } from '../gen/im/bus/v1/record_pb.ts';

/**
 * Carries committed records to whoever follows them.
 *
 * Delivery is at least once. Records of one conversation published by one
 * instance arrive in the order of publishing; repeats and reordering across
 * instances happen, and consumers must not mind: (conversation, seq) says all.
 */
export interface Bus {
  /**
   * Resolves once the bus has taken the records and will not lose them by
   * itself. Waits while a consumer is too far behind.
   */
  publish(records: readonly CommittedRecord[]): Promise<void>;
  /**
   * Hands batches to `handler`, the next only after the one before resolved.
   * Instances that name the same group share the records among them. A handler
   * deals with its own failures: a batch that it rejects may come again or be
   * lost, and the next one comes all the same.
   */
  subscribe(
    group: string,
    handler: (records: readonly CommittedRecord[]) => Promise<void>,
  ): Promise<BusSubscription>;
}

export interface BusSubscription {
  /** Resolves when the handler has finished with what it was due and will not be called again. */
  close(): Promise<void>;
}
