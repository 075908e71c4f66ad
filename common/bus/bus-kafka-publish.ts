import { toBinary } from '@bufbuild/protobuf';
import { type MessageToProduce, ProduceAcks, Producer } from '@platformatic/kafka';
import { type CommittedRecord, CommittedRecordSchema } from '../gen/im/bus/v1/record_pb.ts';
import { formatTraceparent, TRACEPARENT } from '../telemetry/traceparent.ts';
import { BUS_ANSWERS_WITHIN_MS, type RecordTraces } from './bus.ts';
import type { KafkaBusMetrics } from './bus-kafka-metrics.ts';
import { clientOptions, type KafkaBusOptions } from './bus-kafka-options.ts';
import type { KafkaTopic } from './bus-kafka-topic.ts';
import { inTime, isTopicGone, kafkaError, letGo } from './kafka-errors.ts';

/** Bytes of one send: what goes to one partition is one batch for the broker, which takes up to 1 MiB by default. */
const SEND_BYTES = 512 * 1024;
const TRACEPARENT_BYTES = Buffer.from(TRACEPARENT);
/** Between two tries within one send. Milliseconds. */
const RETRY_MS = 100;

export interface KafkaPublisher {
  publish(records: readonly CommittedRecord[], traces?: RecordTraces): Promise<void>;
  /** Resolves when what was begun has ended. */
  close(): Promise<void>;
}

/**
 * Publishes with one send in flight, so that no later record overtakes an
 * earlier one that is tried again.
 */
export function createKafkaPublisher(
  options: KafkaBusOptions,
  topic: KafkaTopic,
  metrics: KafkaBusMetrics,
): KafkaPublisher {
  let producer: Producer | undefined;
  let line: Promise<void> = Promise.resolve();
  let closed = false;

  function open(): Producer {
    return new Producer({
      ...clientOptions(options),
      // A record is stored by all copies that are in step, or refused.
      acks: ProduceAcks.ALL,
      // A try whose answer was lost is not stored twice when it is made again.
      idempotent: true,
      // Without a number of its own an idempotent producer tries for ever; this many outlast the deadline.
      retries: Math.ceil(BUS_ANSWERS_WITHIN_MS / RETRY_MS),
      retryDelay: RETRY_MS,
      maxInflights: 1,
    });
  }

  async function send(messages: MessageToProduce[]): Promise<void> {
    producer ??= open();
    const sender = producer;
    try {
      await inTime(sender.send({ messages }), BUS_ANSWERS_WITHIN_MS, 'publishing');
    } catch (error) {
      // It may still be busy with them: what comes next must neither wait for that nor mix with it.
      producer = undefined;
      void letGo(sender);
      if (isTopicGone(error)) void topic.missed();
      throw error;
    }
  }

  async function publishNow(records: readonly CommittedRecord[], traces?: RecordTraces): Promise<void> {
    const begunAt = performance.now();
    try {
      await topic.ensure();
      for (const messages of sendsOf(records, topic.name, traces)) await send(messages);
    } catch (error) {
      metrics.refused();
      throw kafkaError(error);
    }
    metrics.published((performance.now() - begunAt) / 1_000);
  }

  return {
    publish(records, traces) {
      if (closed) return Promise.reject(new Error('the bus is closed'));
      if (records.length === 0) return Promise.resolve();
      const mine = line.then(() => publishNow(records, traces));
      line = mine.catch(() => {});
      return mine;
    },
    async close() {
      closed = true;
      await line;
      if (producer) await letGo(producer);
    },
  };
}

/** The records in portions of about SEND_BYTES, in order. */
function* sendsOf(
  records: readonly CommittedRecord[],
  topic: string,
  traces: RecordTraces | undefined,
): Generator<MessageToProduce[]> {
  let messages: MessageToProduce[] = [];
  let bytes = 0;
  for (const record of records) {
    const value = Buffer.from(toBinary(CommittedRecordSchema, record));
    if (messages.length > 0 && bytes + value.length > SEND_BYTES) {
      yield messages;
      messages = [];
      bytes = 0;
    }
    const message: MessageToProduce = { topic, key: Buffer.from(record.conversationId), value };
    const trace = traces?.get(record);
    if (trace) message.headers = new Map([[TRACEPARENT_BYTES, Buffer.from(formatTraceparent(trace))]]);
    messages.push(message);
    bytes += value.length;
  }
  if (messages.length > 0) yield messages;
}
