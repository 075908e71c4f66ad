/**
 * One direction of a stream: what its reader asks for is drawn from a source,
 * one value at a time, so a slow reader slows the source and nothing piles up.
 * Unlike an async generator it can be ended while the source hangs.
 */
export interface Pipe<In, Out> extends AsyncIterableIterator<Out> {
  /**
   * Begins to draw. Resolves when the source has ended or the pipe was closed,
   * rejects when the source or the mapping fails. The reader learns of
   * neither until `close`.
   */
  open(source: AsyncIterable<In>): Promise<void>;
  /** Ends the pipe for its reader, with a failure if one is given, and lets the source go. */
  close(error?: unknown): void;
}

interface Reader<Out> {
  resolve(result: IteratorResult<Out>): void;
  reject(error: unknown): void;
}

/**
 * A pipe that hands out `map(value)`. `onReturn` is called when the reader
 * stops before the end, `onLateFailure` when the source fails after it.
 */
export function createPipe<In, Out>(
  map: (value: In) => Out,
  onReturn?: () => void,
  onLateFailure: (error: unknown) => void = () => {},
): Pipe<In, Out> {
  /** Readers that wait for a value, oldest first. */
  const waiting: Reader<Out>[] = [];
  let iterator: AsyncIterator<In> | undefined;
  let ended: { resolve(): void; reject(error: unknown): void } | undefined;
  let closed = false;
  /** A failure that no reader has seen yet. */
  let failure: { error: unknown } | undefined;

  const onFailure = (error: unknown) => {
    if (closed) {
      onLateFailure(error);
      return;
    }
    iterator = undefined;
    ended?.reject(error);
  };
  const onResult = (result: IteratorResult<In>) => {
    if (closed) return;
    if (result.done) {
      iterator = undefined;
      ended?.resolve();
      return;
    }
    let value: Out;
    try {
      value = map(result.value);
    } catch (error) {
      letGo();
      onFailure(error);
      return;
    }
    waiting.shift()?.resolve({ done: false, value });
  };
  function draw() {
    try {
      iterator?.next().then(onResult, onFailure);
    } catch (error) {
      onFailure(error);
    }
  }
  /** Lets the source clean up. Not awaited: a generator that hangs would never come back. */
  function letGo() {
    const left = iterator;
    iterator = undefined;
    try {
      left?.return?.().catch(onLateFailure);
    } catch (error) {
      onLateFailure(error);
    }
  }

  const pipe: Pipe<In, Out> = {
    [Symbol.asyncIterator]: () => pipe,
    next() {
      if (closed) {
        if (failure === undefined) return Promise.resolve({ done: true, value: undefined });
        const { error } = failure;
        failure = undefined;
        return Promise.reject(error);
      }
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        draw();
      });
    },
    return() {
      if (!closed) {
        pipe.close();
        onReturn?.();
      }
      return Promise.resolve({ done: true, value: undefined });
    },
    open(source) {
      if (closed) return Promise.resolve();
      return new Promise<void>((resolve, reject) => {
        ended = { resolve, reject };
        iterator = source[Symbol.asyncIterator]();
        for (let asked = waiting.length; asked > 0; asked--) draw();
      });
    },
    close(error) {
      if (closed) return;
      closed = true;
      if (error !== undefined) {
        const first = waiting.shift();
        if (first) first.reject(error);
        else failure = { error };
      }
      for (const reader of waiting.splice(0)) reader.resolve({ done: true, value: undefined });
      letGo();
      ended?.resolve();
    },
  };
  return pipe;
}
