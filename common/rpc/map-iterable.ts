/**
 * Passes on each value as `map` gives it, and a failure as `mapError` gives
 * it. Written by hand because an async generator costs several times as much
 * and cannot be ended while it waits.
 */
export function mapIterable<In, Out>(
  source: AsyncIterable<In>,
  map: (value: In) => Out,
  mapError?: (error: unknown) => unknown,
): AsyncIterable<Out> {
  const mapResult = (result: IteratorResult<In>): IteratorResult<Out> =>
    result.done ? { done: true, value: undefined } : { done: false, value: map(result.value) };
  const onError =
    mapError &&
    ((error: unknown): never => {
      throw mapError(error);
    });
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      return {
        next: () => iterator.next().then(mapResult, onError),
        async return() {
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
