import type { CommittedRecord } from '../gen/im/bus/v1/record_pb.ts';
import { copyMessage } from '../rpc/copy-message.ts';
import type { TraceContext } from '../telemetry/traces.ts';
import type { BusFollower, RecordTraces } from './bus.ts';

/** A consumer that is this many records behind makes publishers wait. */
const MAX_WAITING_RECORDS = 20_000;
/** Records of one batch at most, so that one that is behind does not hold the thread for all of it. */
const MAX_BATCH_RECORDS = 1_000;

/** One that follows the local bus: records wait in line for its handler. */
export interface LocalConsumer {
  /** Resolves once the records are in line. */
  take(records: readonly CommittedRecord[], traces?: RecordTraces): Promise<void>;
  /** Takes nothing more; resolves when what was in line has been handled. */
  close(): Promise<void>;
}

export function createLocalConsumer(
  handler: BusFollower['take'],
  onError: (error: unknown) => void,
): LocalConsumer {
  let waiting: CommittedRecord[] = [];
  /** Of those in line. */
  const waitingTraces = new Map<CommittedRecord, TraceContext>();
  let running: Promise<void> | undefined;
  let closed = false;
  let publishersWaiting: (() => void)[] = [];

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH_RECORDS);
      waiting = waiting.slice(MAX_BATCH_RECORDS);
      if (waiting.length <= MAX_WAITING_RECORDS) letPublishersGoOn();
      try {
        await handler(batch, tracesOf(batch));
      } catch (error) {
        onError(error);
      }
    }
    running = undefined;
  }

  function tracesOf(batch: readonly CommittedRecord[]): RecordTraces | undefined {
    if (waitingTraces.size === 0) return undefined;
    const traces = new Map<CommittedRecord, TraceContext>();
    for (const record of batch) {
      const trace = waitingTraces.get(record);
      if (trace) traces.set(record, trace);
      waitingTraces.delete(record);
    }
    return traces;
  }

  function letPublishersGoOn(): void {
    const goOn = publishersWaiting;
    publishersWaiting = [];
    for (const wake of goOn) wake();
  }

  return {
    async take(records, traces) {
      while (waiting.length > MAX_WAITING_RECORDS && !closed) {
        await new Promise<void>((resolve) => publishersWaiting.push(resolve));
      }
      if (closed) return;
      // Copied, so that consumers see what a network would show them.
      for (const record of records) {
        const copy = copyMessage(record);
        waiting.push(copy);
        const trace = traces?.get(record);
        if (trace) waitingTraces.set(copy, trace);
      }
      running ??= Promise.resolve().then(run);
    },
    async close() {
      closed = true;
      letPublishersGoOn();
      await running;
    },
  };
}
