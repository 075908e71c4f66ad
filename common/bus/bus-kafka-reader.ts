import { fromBinary } from '@bufbuild/protobuf';
import { Consumer, IS_CONTROL } from '@platformatic/kafka';
import { type CommittedRecord, CommittedRecordSchema } from '../gen/im/bus/v1/record_pb.ts';
import { parseTraceparent, TRACEPARENT } from '../telemetry/traceparent.ts';
import type { TraceContext } from '../telemetry/traces.ts';
import { BUS_ANSWERS_WITHIN_MS } from './bus.ts';
import { clientOptions, type KafkaBusOptions } from './bus-kafka-options.ts';
import { letGo } from './kafka-errors.ts';

/**
 * How long a broker holds a fetch while it has nothing. It answers at once when
 * a record comes, so this costs no latency; it is also how long a change of the
 * partitions waits behind the fetch before. Milliseconds.
 */
const HOLD_MS = 500;
/** Bytes of one answer at most, of which there is one for each broker: what is held in memory ahead of the follower. */
const ANSWER_BYTES = 2 * 1024 * 1024;

type Answers = Awaited<ReturnType<Consumer['fetch']>>['responses'];
type PartitionAnswer = Answers[number]['partitions'][number];

/** How the topic stands. */
export interface TopicView {
  /** Another one when the topic was deleted and made again. */
  readonly id: string;
  /** The broker that leads each partition; -1 where none does. */
  readonly leaders: readonly number[];
}

export interface FetchedRecord {
  readonly offset: bigint;
  readonly record: CommittedRecord;
  /** Where it stands in a trace, if it does. */
  readonly trace: TraceContext | undefined;
}

export interface Fetched {
  readonly partition: number;
  /** The offset behind the last one that the answer covers. */
  readonly next: bigint;
  /** The end of the partition as consumers may see it. */
  readonly end: bigint;
  readonly records: readonly FetchedRecord[];
  /** Records that are none of ours. */
  readonly damaged: number;
}

/**
 * Reads from offsets that it is given. Belongs to no group: a broker answers
 * the requests of a connection one after another, and heartbeats must not wait
 * behind a fetch. After any error it is to be closed and another one opened.
 */
export interface KafkaReader {
  /** As it stood METADATA_MAX_AGE_MS ago at most. */
  topic(): Promise<TopicView>;
  /** Waits up to HOLD_MS for the first record. */
  fetch(
    broker: number,
    topicId: string,
    offsets: readonly (readonly [partition: number, offset: bigint])[],
  ): Promise<Fetched[]>;
  /** Never rejects. */
  close(): Promise<void>;
}

export function openKafkaReader(options: KafkaBusOptions, topic: string): KafkaReader {
  const client = new Consumer({
    ...clientOptions(options),
    requestTimeout: HOLD_MS + BUS_ANSWERS_WITHIN_MS,
    // Never joined; the library asks for one.
    groupId: `${topic}.reader`,
    maxWaitTime: HOLD_MS,
    // The first record is answered at once.
    minBytes: 1,
    maxBytes: ANSWER_BYTES,
    // There are no transactions to wait for.
    isolationLevel: 0,
    autocommit: false,
  });
  client.topics.track(topic);

  return {
    async topic() {
      const { topics } = await client.metadata({ topics: [topic] });
      const { id, partitions } = topics.get(topic)!;
      return { id, leaders: partitions.map(({ leader }) => leader) };
    },
    async fetch(node, topicId, offsets) {
      const partitions = offsets.map(([partition, fetchOffset]) => ({
        partition,
        fetchOffset,
        // Unknown: where a leader's log was cut is found by the offset alone.
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
        partitionMaxBytes: ANSWER_BYTES,
      }));
      const { responses } = await client.fetch({ node, topics: [{ topicId, partitions }] });
      const from = new Map(offsets);
      return responses
        .flatMap((response) => response.partitions)
        .filter(({ partitionIndex }) => from.has(partitionIndex))
        .map((answer) => read(answer, from.get(answer.partitionIndex)!));
    },
    close: () => letGo(client),
  };
}

function read(answer: PartitionAnswer, from: bigint): Fetched {
  const records: FetchedRecord[] = [];
  let damaged = 0;
  let next = from;
  for (const batch of answer.records ?? []) {
    next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    if (batch.attributes & IS_CONTROL) continue;
    for (const { offsetDelta, value, headers } of batch.records) {
      const offset = batch.firstOffset + BigInt(offsetDelta);
      // A batch comes whole, also where it begins before the offset that was asked for.
      if (offset < from) continue;
      const record = decode(value);
      if (record) records.push({ offset, record, trace: traceOf(headers) });
      else damaged += 1;
    }
  }
  return { partition: answer.partitionIndex, next, end: answer.highWatermark, records, damaged };
}

function traceOf(headers: readonly (readonly [Buffer | null, Buffer | null])[]): TraceContext | undefined {
  if (headers.length === 0) return undefined;
  const found = headers.find(([name]) => name?.toString() === TRACEPARENT);
  return parseTraceparent(found?.[1]?.toString());
}

function decode(value: Buffer | null): CommittedRecord | undefined {
  try {
    return value ? fromBinary(CommittedRecordSchema, value) : undefined;
  } catch {
    return undefined;
  }
}
