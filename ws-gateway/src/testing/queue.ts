/** Values that one side pushes and the other iterates. */
export interface Queue<T> extends AsyncIterable<T> {
  push(value: T): void;
  end(): void;
  fail(error: unknown): void;
}

export function createQueue<T>(): Queue<T> {
  const values: T[] = [];
  let over: { error?: unknown } | undefined;
  let wake = () => {};
  const finish = (how: { error?: unknown }) => {
    over ??= how;
    wake();
  };
  return {
    push(value) {
      values.push(value);
      wake();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    async *[Symbol.asyncIterator]() {
      while (true) {
        while (values.length > 0) yield values.shift()!;
        if (over !== undefined) {
          if (over.error !== undefined) throw over.error;
          return;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
