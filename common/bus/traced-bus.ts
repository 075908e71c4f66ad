import type { CommittedRecord } from '../gen/im/bus/v1/record_pb.ts';
import type { SpanKind, TraceContext, Traces } from '../telemetry/traces.ts';
import type { Bus, RecordTraces } from './bus.ts';

/**
 * The same bus, with spans for records that belong to traces: one until the bus
 * has taken the record, and under it one while a follower takes it.
 */
export function traceBus(bus: Bus, traces: Traces): Bus {
  /** `work` with a span for each, whose contexts it is given. */
  async function within(
    name: string,
    kind: SpanKind,
    parents: RecordTraces,
    work: (traced: RecordTraces) => Promise<void>,
  ): Promise<void> {
    const spans = new Map(
      [...parents].map(([record, parent]) => [record, traces.begin(name, { kind, parent })] as const),
    );
    const contexts = new Map<CommittedRecord, TraceContext>();
    for (const [record, span] of spans) contexts.set(record, span.context);
    let failure: string | undefined;
    try {
      await work(contexts);
    } catch (error) {
      failure = error instanceof Error ? error.message : 'failed';
      throw error;
    } finally {
      for (const span of spans.values()) span.end(failure);
    }
  }

  return {
    ...bus,
    publish(records, parents) {
      if (!parents?.size) return bus.publish(records);
      return within('publish', 'producer', parents, (traced) => bus.publish(records, traced));
    },
    subscribe: (group, follower) =>
      bus.subscribe(group, {
        take(records, parents) {
          if (!parents?.size) return follower.take(records);
          return within(`${group} take`, 'consumer', parents, (traced) => follower.take(records, traced));
        },
        lost: () => follower.lost(),
      }),
  };
}
