/** Runs what a socket asks for, a bounded number at a time; the rest waits in order. */
export interface RequestSlots {
  run(work: () => Promise<void>): void;
  /** Starts what may start now; for when something else than an end makes room. */
  pump(): void;
}

/**
 * At most `most` at a time, and none begins while `mayStart` says no. `work`
 * must not reject.
 */
export function createRequestSlots(most: number, mayStart: () => boolean): RequestSlots {
  const waiting: (() => Promise<void>)[] = [];
  let running = 0;

  function pump(): void {
    while (running < most && waiting.length > 0 && mayStart()) {
      const work = waiting.shift()!;
      running += 1;
      void work().finally(() => {
        running -= 1;
        pump();
      });
    }
  }

  return {
    run(work) {
      waiting.push(work);
      pump();
    },
    pump,
  };
}
