import { setTimeout as delayTimer } from 'node:timers/promises';

/** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
export async function delay(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delayTimer(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}

export interface Backoff {
  /** Milliseconds before the first retry. */
  firstMs: number;
  /** Milliseconds that no pause exceeds. */
  mostMs: number;
}

/**
 * The pause before retry number `attempt` (from 0), in milliseconds: doubling
 * from `firstMs` up to `mostMs`, of which a random half is taken off so that
 * those who failed together do not come back together.
 */
export function backoffMs(attempt: number, { firstMs, mostMs }: Backoff): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return full / 2 + (Math.random() * full) / 2;
}

/** The value of `work`, or undefined when `ms` milliseconds pass first; `work` itself goes on. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new AbortController();
  const late = delayTimer(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
