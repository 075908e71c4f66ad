import { delay } from '@im/common/utils/wait.ts';

/** Milliseconds, of any length. */
const LONG_MS = 3_600_000;

/** Resolves when the signal aborts, and keeps the process alive until then. */
export async function untilTold(signal: AbortSignal): Promise<void> {
  // A timer: a process that only waits for a signal has nothing to do, and leaves.
  while (!signal.aborted) await delay(LONG_MS, signal).catch(() => {});
}
