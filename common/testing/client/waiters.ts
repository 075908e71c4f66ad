/** People who wait for something to become true about a thing that changes. */
export interface Waiters {
  /** The first truthy answer of `check`, asked now and after every `changed`. Rejects after `timeoutMs`. */
  waitFor<T>(check: () => T, timeoutMs: number, what?: string): Promise<Exclude<T, undefined | false | null>>;
  /** Something changed: everybody looks again. */
  changed(): void;
  /** Nothing will change any more: everybody waiting fails with `error`. */
  fail(error: Error): void;
}

/** Waiters on whatever calls `changed`. */
export function createWaiters(): Waiters {
  const looking = new Set<{ look(): void; reject(error: Error): void }>();
  return {
    waitFor<T>(check: () => T, timeoutMs: number, what = 'what was waited for') {
      type Found = Exclude<T, undefined | false | null>;
      return new Promise<Found>((resolve, reject) => {
        const end = () => {
          clearTimeout(timer);
          looking.delete(waiter);
        };
        const waiter = {
          look() {
            try {
              const found = check();
              if (!found) return;
              end();
              resolve(found as Found);
            } catch (error) {
              waiter.reject(error as Error);
            }
          },
          reject(error: Error) {
            end();
            reject(error);
          },
        };
        const timer = setTimeout(
          () => waiter.reject(new Error(`${what} did not come within ${timeoutMs} ms`)),
          timeoutMs,
        );
        looking.add(waiter);
        waiter.look();
      });
    },
    changed() {
      for (const waiter of [...looking]) waiter.look();
    },
    fail(error) {
      for (const waiter of [...looking]) waiter.reject(error);
    },
  };
}
