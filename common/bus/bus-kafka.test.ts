import { randomUUID } from 'node:crypto';
import { Admin } from '@platformatic/kafka';
import { afterAll, describe } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { busConformance } from './bus-conformance.ts';
import { createKafkaBus } from './bus-kafka.ts';

const addresses = stackAddresses();

describe.skipIf(addresses === undefined)('on Kafka', () => {
  const brokers = addresses?.kafkaBrokers.split(',') ?? [];
  const topics: string[] = [];

  function openBus(topic: string) {
    return createKafkaBus({
      brokers,
      topic,
      partitions: 3,
      clientId: 'test',
      log: createLogger({ level: 'silent' }),
      metrics: createMetrics(),
    });
  }

  busConformance('kafka', async () => {
    const topic = `test.${randomUUID()}`;
    topics.push(topic);
    const bus = openBus(topic);
    return { bus, close: bus.close };
  });

  afterAll(async () => {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: brokers });
    await admin.deleteTopics({ topics });
    await admin.close();
  });
});
