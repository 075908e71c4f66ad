import type { Bus, BusSubscription } from './bus.ts';
import { followKafka } from './bus-kafka-follow.ts';
import { createKafkaBusMetrics } from './bus-kafka-metrics.ts';
import type { KafkaBusOptions } from './bus-kafka-options.ts';
import { createKafkaPublisher } from './bus-kafka-publish.ts';
import { createKafkaTopic } from './bus-kafka-topic.ts';

export interface KafkaBus extends Bus {
  /** Ends what still follows, and lets go of Kafka once what was begun has ended. */
  close(): Promise<void>;
}

/**
 * The bus on Kafka: one topic, keyed by the conversation. It is made where it
 * is missing; one that is there is taken as it is. Nothing waits for Kafka
 * here: this opens no connection.
 *
 * Limit: Kafka keeps records for its retention time, 24 h in a topic made here;
 * a group that was away for longer is told that it lost some. While the number
 * of partitions is being changed, records of one conversation may arrive out of
 * order.
 */
export function createKafkaBus(options: KafkaBusOptions): KafkaBus {
  const metrics = createKafkaBusMetrics(options.metrics);
  const topic = createKafkaTopic(options);
  const publisher = createKafkaPublisher(options, topic, metrics);
  const subscriptions = new Set<BusSubscription>();
  return {
    publish: publisher.publish,
    async subscribe(group, follower) {
      const subscription = await followKafka(options, topic, group, follower, metrics);
      subscriptions.add(subscription);
      return {
        async close() {
          subscriptions.delete(subscription);
          await subscription.close();
        },
      };
    },
    reachable: topic.reachable,
    async close() {
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
      await publisher.close();
    },
  };
}
