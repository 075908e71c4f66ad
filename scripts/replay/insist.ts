import { ApiError, ConnectionLost } from '@im/common/testing/client/api-error.ts';
import { backoffMs, delay } from '@im/common/utils/wait.ts';

/** Milliseconds after which a server that does not come back is given up. */
const PATIENCE_MS = 120_000;
/** Growing, because a server that is too busy to answer in time is only kept busy by asking again at once. */
const PAUSE = { firstMs: 100, mostMs: 5_000 };

/** Calls until there is an answer, as one does with calls that may be repeated while the server restarts. */
export async function insist<T>(call: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const passing = error instanceof ConnectionLost || (error instanceof ApiError && error.momentary);
      if (!passing || performance.now() > giveUpAt) throw error;
      await delay(backoffMs(attempt, PAUSE));
    }
  }
}
