import type { ChainableCommander, Redis } from 'ioredis';

type Argument = string | number | Buffer | Uint8Array;
type Call = (keyCount: number, ...keysAndArguments: Argument[]) => unknown;

/** A Lua script, sent by its digest once the server knows it. Every key that it touches is among its keys. */
export interface RedisScript {
  run(keys: readonly string[], args: readonly Argument[]): Promise<unknown>;
  /** As `run`, with bytes instead of text in the reply. */
  runForBytes(keys: readonly string[], args: readonly Argument[]): Promise<unknown>;
  /** As `run`, as one command of a pipeline that was begun after the script was defined. */
  add(pipeline: ChainableCommander, keys: readonly string[], args: readonly Argument[]): void;
}

/** Defines a script on a client; `name` is the client's own word for it. */
export function defineScript(client: Redis, name: string, lua: string): RedisScript {
  client.defineCommand(name, { lua });
  // ioredis adds the command to the client and its pipelines, where their types do not show it.
  const command = (target: object, method: string) => Reflect.get(target, method) as Call;
  const call = (target: object, method: string, keys: readonly string[], args: readonly Argument[]) =>
    command(target, method).call(target, keys.length, ...keys, ...args.map(asArgument));
  return {
    run: async (keys, args) => call(client, name, keys, args),
    runForBytes: async (keys, args) => call(client, `${name}Buffer`, keys, args),
    add(pipeline, keys, args) {
      call(pipeline, name, keys, args);
    },
  };
}

// ioredis sends other typed arrays as text.
function asArgument(argument: Argument): string | number | Buffer {
  if (typeof argument === 'string' || typeof argument === 'number' || Buffer.isBuffer(argument))
    return argument;
  return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
}
