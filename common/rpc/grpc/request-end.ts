import { setImmediate } from 'node:timers/promises';
import { callCancelled } from '../cancelled.ts';

/**
 * The requests of a stream, whose end is believed only when the caller is still
 * there. Node's HTTP/2 shows a stream that the other side cancelled as one that
 * has ended, and the cancellation within the same turn of the event loop: a handler
 * would take a caller who left for one who has said everything.
 */
export function untilEnd<T>(requests: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  const believed = async (result: IteratorResult<T>): Promise<IteratorResult<T>> => {
    await setImmediate();
    if (signal.aborted) throw callCancelled();
    return result;
  };
  return {
    [Symbol.asyncIterator]() {
      const iterator = requests[Symbol.asyncIterator]();
      return {
        next: () => iterator.next().then((result) => (result.done ? believed(result) : result)),
        async return() {
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
