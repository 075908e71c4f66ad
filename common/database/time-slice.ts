/**
 * How long queries may follow one another before the event loop gets a turn, in
 * milliseconds. SQLite answers at once, so a chain of awaited queries never
 * leaves the microtask queue: sockets and timers would wait for all of it.
 */
const SLICE_MS = 5;

/**
 * Makes a function to be asked before a piece of synchronous work: undefined
 * while there is time left in this turn of the event loop, else a promise after
 * which to ask again.
 */
export function createTimeSlice(sliceMs = SLICE_MS): () => Promise<void> | undefined {
  let startedAt = 0;
  let turnEnds: Promise<void> | undefined;

  return () => {
    if (turnEnds !== undefined) {
      return performance.now() - startedAt > sliceMs ? turnEnds : undefined;
    }
    startedAt = performance.now();
    turnEnds = new Promise((resolve) => {
      setImmediate(() => {
        turnEnds = undefined;
        resolve();
      });
    });
    return undefined;
  };
}
