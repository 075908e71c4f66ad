import { type Command, Redis, type RedisOptions } from 'ioredis';
import { explainRedisError } from './redis-errors.ts';

type Stream = Parameters<Redis['sendCommand']>[1];

/** Told of each command that was answered or failed: its name and how long that took, in milliseconds. */
export type OnCommand = (name: string, ms: number) => void;

/** ioredis that times its commands and throws errors that callers and logs may see. */
export class RedisClient extends Redis {
  readonly #onCommand: OnCommand;

  constructor(options: Omit<RedisOptions, 'replyMapping'>, onCommand: OnCommand) {
    super(options);
    this.#onCommand = onCommand;
  }

  override sendCommand(command: Command, stream?: Stream): unknown {
    const { name } = command;
    const sentAt = performance.now();
    const done = () => this.#onCommand(name, performance.now() - sentAt);
    const answer = super.sendCommand(command, stream) as Promise<unknown>;
    answer.then(done, done);
    // A command of a pipeline is awaited there: see `execPipeline`.
    return stream === undefined
      ? answer.catch((error: unknown) => {
          throw explainRedisError(error);
        })
      : answer;
  }
}
