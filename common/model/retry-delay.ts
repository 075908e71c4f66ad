/** Milliseconds before the first retry. */
const FIRST_MS = 50;

/** Milliseconds no retry waits longer than. */
const LONGEST_MS = 5000;

/** Milliseconds to wait after this many failures in a row: doubling, with jitter so that waiters do not meet. */
export function retryDelay(failures: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return full * (0.5 + Math.random() / 2);
}
