import { backoffMs, delay } from '../utils/wait.ts';
import { isTransient } from './errors.ts';

/** For how long after the first attempt another one may begin, in milliseconds: within any caller's deadline. */
const RETRY_FOR_MS = 1_500;
const PAUSE = { firstMs: 5, mostMs: 100 };

/**
 * Runs a transaction again when the database undid it before COMMIT: a deadlock,
 * a lock that did not come, a lost connection. `inDoubt` says of an error that
 * it came from COMMIT, so that the transaction may have been done.
 */
export async function retryTransaction<T>(
  transaction: () => Promise<T>,
  inDoubt: (error: unknown) => boolean,
): Promise<T> {
  const started = performance.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (inDoubt(error) || !isTransient(error) || performance.now() - started > RETRY_FOR_MS) throw error;
      await delay(backoffMs(attempt, PAUSE));
    }
  }
}
