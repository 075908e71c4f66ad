import { describeError } from '../errors/describe-error.ts';
import type { Logger } from '../telemetry/log.ts';
import { backoffMs, delay } from '../utils/wait.ts';

const BACKOFF = { firstMs: 100, mostMs: 1_000 };
/** Milliseconds between two lines about the same thing that is not there. */
const SAY_EVERY_MS = 3_000;

/** What a process waits for when it starts, so that its readiness can say so. */
export interface Waits {
  /** What is not there yet, a sentence each. */
  missing(): string[];
  /**
   * Tries `attempt` until it succeeds and gives its value. Says every 3 s what
   * it waits for and why. Rejects with the signal's reason when it aborts, and
   * at once with what `attempt` threw when `isFinal` says that no wait helps.
   */
  until<T>(what: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export interface WaitsOptions {
  log: Logger;
  signal: AbortSignal;
  isFinal: (error: unknown) => boolean;
}

export function createWaits({ log, signal, isFinal }: WaitsOptions): Waits {
  const missing = new Map<string, string>();
  return {
    missing: () => [...missing].map(([what, why]) => `waiting for ${what}: ${why}`),
    async until(what, attempt) {
      let saidAt = Number.NEGATIVE_INFINITY;
      try {
        for (let failures = 0; ; failures += 1) {
          signal.throwIfAborted();
          try {
            return await attempt(signal);
          } catch (error) {
            // An attempt that fails for another reason just then is no failure of who is leaving.
            signal.throwIfAborted();
            if (isFinal(error)) throw error;
            const why = describeError(error);
            missing.set(what, why);
            if (performance.now() - saidAt >= SAY_EVERY_MS) {
              saidAt = performance.now();
              log.warn(`waiting for ${what}: ${why}`);
            }
          }
          await delay(backoffMs(failures, BACKOFF), signal);
        }
      } finally {
        missing.delete(what);
      }
    },
  };
}
