import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';

export const KAFKA_VERSION = '4.1.0';

/** Where Kafka's jars are, or will be: the same on every system. */
export function jarFolder(env?: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), `kafka-${KAFKA_VERSION}`);
}
