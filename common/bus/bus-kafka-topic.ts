import { Admin } from '@platformatic/kafka';
import { BUS_ANSWERS_WITHIN_MS } from './bus.ts';
import { clientOptions, DEFAULT_TOPIC, type KafkaBusOptions } from './bus-kafka-options.ts';
import { inTime, isKafkaError, isTopicGone, kafkaError } from './kafka-errors.ts';

/** More than instances of chat-service are likely to be: a consumer of a group takes whole partitions. */
const PARTITIONS = 16;
/** Records are kept this long: what nobody took by then is in the store, and devices sync it. Milliseconds. */
const RETENTION_MS = 24 * 3_600_000;
/** A record names its recipients, so it may be larger than the 1 MiB that brokers take by default. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** A topic that went away is left to who deleted it for this long, since he may be about to make another. Milliseconds. */
const LEFT_ALONE_MS = 10_000;

/** The topic of the bus: made where there is none. */
export interface KafkaTopic {
  readonly name: string;
  /** Resolves when the topic has been seen once, made by this call if need be; rejects with what is in the way. */
  ensure(): Promise<void>;
  /** The topic was not found; made again when that has been so for a while. Never rejects. */
  missed(): Promise<void>;
  /** Resolves when Kafka answers and has the topic; rejects otherwise. */
  reachable(): Promise<void>;
}

export function createKafkaTopic(options: KafkaBusOptions): KafkaTopic {
  const { log, topic: name = DEFAULT_TOPIC, partitions = PARTITIONS, replicas } = options;
  let seen = false;
  /** The first and the last time that it was not found. */
  let missing: { since: number; last: number } | undefined;

  async function asAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin(clientOptions(options));
    try {
      return await inTime(work(admin), BUS_ANSWERS_WITHIN_MS, `topic ${name}`);
    } finally {
      void admin.close().catch(() => {});
    }
  }

  async function look(): Promise<void> {
    await asAdmin((admin) => admin.metadata({ topics: [name] }));
    seen = true;
  }

  async function make(): Promise<void> {
    const configs = [
      { name: 'retention.ms', value: String(RETENTION_MS) },
      { name: 'max.message.bytes', value: String(MAX_MESSAGE_BYTES) },
    ];
    try {
      await asAdmin((admin) =>
        admin.createTopics({ topics: [name], partitions, ...(replicas && { replicas }), configs }),
      );
      log.info({ topic: name, partitions }, 'made the topic of the bus');
    } catch (error) {
      if (isKafkaError(error, 'TOPIC_ALREADY_EXISTS')) return;
      if (!isKafkaError(error, 'TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED')) throw error;
      const needed = `${partitions} partitions, retention.ms=${RETENTION_MS}, max.message.bytes=${MAX_MESSAGE_BYTES}`;
      throw new Error(`Kafka has no topic ${name} and this account may not make it; make it with ${needed}`, {
        cause: error,
      });
    }
  }

  async function ensureNow(): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (!isTopicGone(error)) throw error;
      await make();
      seen = true;
    }
  }

  return {
    name,
    async ensure() {
      if (!seen) await ensureNow();
    },
    async missed() {
      const now = performance.now();
      // Who misses it asks again and again, so a long silence means that it has been there.
      const since = missing && now - missing.last < LEFT_ALONE_MS ? missing.since : now;
      missing = { since, last: now };
      if (now - since < LEFT_ALONE_MS) return;
      await ensureNow().catch((error) =>
        log.warn({ err: kafkaError(error), topic: name }, 'the topic of the bus is gone'),
      );
    },
    // Once it has been there, its loss is for `missed` to mend.
    async reachable() {
      try {
        await (seen ? look() : ensureNow());
      } catch (error) {
        throw kafkaError(error);
      }
    },
  };
}
