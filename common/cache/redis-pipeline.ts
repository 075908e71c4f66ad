import type { ChainableCommander } from 'ioredis';
import { explainRedisError } from './redis-errors.ts';

/** Sends a pipeline as one round trip and gives its replies in order; throws the first error among them. */
export async function execPipeline(pipeline: ChainableCommander): Promise<unknown[]> {
  const replies = await pipeline.exec();
  return (replies ?? []).map(([error, reply]) => {
    if (error) throw explainRedisError(error);
    return reply;
  });
}
