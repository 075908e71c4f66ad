import { ApiError, ConnectionLost } from '@im/common/testing/client/api-error.ts';
import { delay } from '@im/common/utils/wait.ts';

/** Milliseconds after which a server that does not come back is given up. */
const PATIENCE_MS = 60_000;
/** Milliseconds between two attempts. */
const PAUSE_MS = 100;

/** Calls until there is an answer, as one does with calls that may be repeated while the server restarts. */
export async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (const giveUpAt = performance.now() + PATIENCE_MS; ; ) {
    try {
      return await call();
    } catch (error) {
      const passing = error instanceof ConnectionLost || (error instanceof ApiError && error.momentary);
      if (!passing || performance.now() > giveUpAt) throw error;
      await delay(PAUSE_MS);
    }
  }
}
