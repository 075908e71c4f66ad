import { kafkaJava } from '@im/common/testing/stack/kafka.ts';
import { runToEnd } from '@im/common/testing/stack/run-to-end.ts';
import { type Image, mounted, programOf, requireKnown } from './image.ts';

const SETTINGS = '/mnt/shared/config/server.properties';
/** Milliseconds to format the storage: 1 s on two free cores. */
const FORMAT_MS = 60_000;

/** Formats its storage, then runs, with the settings that are mounted. */
export const kafkaImage: Image = async (container) => {
  const { service, dir, env, command } = container;
  requireKnown(container, 'KAFKA_', ['KAFKA_HEAP_OPTS']);
  if (command.length > 0) throw new Error(`${service.name} must run what its image runs`);
  const { CLUSTER_ID = '', KAFKA_HEAP_OPTS = '' } = env;
  const program = programOf('kafka');
  const settings = mounted(container, SETTINGS);
  const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', settings];
  await runToEnd(kafkaJava(program, [], format), dir, FORMAT_MS);
  const heap = KAFKA_HEAP_OPTS.split(' ').filter((option) => option !== '');
  return {
    command: kafkaJava(program, [...heap, '-XX:+UseSerialGC'], ['kafka.Kafka', settings]),
    cwd: dir,
    isServer: true,
  };
};
