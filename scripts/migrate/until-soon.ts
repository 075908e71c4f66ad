import type { Waits } from '@im/common/lifecycle/wait-for.ts';
import { delay } from '@im/common/utils/wait.ts';

/** A command says soon that a server is not there; a connection takes a moment. Milliseconds. */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 50;

/** Tries something for a short while, then throws what it threw. */
export const untilSoon: Waits['until'] = async (_what, attempt) => {
  const giveUp = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    try {
      return await attempt(giveUp);
    } catch (error) {
      if (giveUp.aborted) throw error;
    }
    await delay(AGAIN_MS);
  }
};
