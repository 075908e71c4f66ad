import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** How long is measured, in milliseconds: long enough that a single long task is not yet an overload. */
const SLICE_MS = 1_000;

export interface LoopLoadOptions {
  clock?: () => number;
  read?: (now?: EventLoopUtilization, since?: EventLoopUtilization) => EventLoopUtilization;
}

/**
 * The busy share of the event loop, 0 to 1, over the last slice of about a
 * second; to be asked at every call, and measured by that alone: nothing runs
 * when nobody asks. Of one thread it tells what the CPU's load tells elsewhere.
 */
export function createLoopLoad(options: LoopLoadOptions = {}): () => number {
  const { clock = () => performance.now(), read = performance.eventLoopUtilization } = options;
  let since = read();
  let measuredAt = clock();
  let load = 0;
  return () => {
    const now = clock();
    if (now - measuredAt < SLICE_MS) return load;
    const reading = read();
    load = read(reading, since).utilization;
    since = reading;
    measuredAt = now;
    return load;
  };
}
