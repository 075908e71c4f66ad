import type { ThrottleLimits } from '../config.ts';

/** Beyond this many doublings every delay is at its bound. */
const MOST_DOUBLINGS = 40;

/** Milliseconds to wait after so many failures: none while they are free, then doubling up to the bound. */
export function loginDelayMs(failures: number, limits: ThrottleLimits): number {
  const beyond = failures - limits.free;
  if (beyond <= 0) return 0;
  return Math.min(limits.mostDelayMs, limits.firstDelayMs * 2 ** Math.min(beyond - 1, MOST_DOUBLINGS));
}
