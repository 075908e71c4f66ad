import type { UserContext } from './context.ts';
import { deleteStale, listStaleKeys } from './store/login-throttle.ts';

/** Milliseconds between two sweeps; nothing depends on when exactly. */
const SWEEP_EVERY_MS = 600_000;
/** Rows of one transaction, so that no login waits long behind it. */
const SWEEP_ROWS = 500;

/** Deletes failures that are forgotten already. Gives how many rows it deleted. */
export async function sweepThrottle({
  config,
  database,
  now,
}: Pick<UserContext, 'config' | 'database' | 'now'>): Promise<number> {
  const { account, address, forgetAfterMs } = config.throttle;
  const before = now() - forgetAfterMs - Math.max(account.mostDelayMs, address.mostDelayMs);
  for (let deleted = 0; ; ) {
    const keys = await listStaleKeys(database.read, before, SWEEP_ROWS);
    if (keys.length > 0) await database.transaction((trx) => deleteStale(trx, keys, before));
    deleted += keys.length;
    if (keys.length < SWEEP_ROWS) return deleted;
  }
}

/** Sweeps now and then until the returned function is called. */
export function startThrottleSweep(context: UserContext): () => Promise<void> {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => sweepThrottle(context))
      .then(
        () => {},
        (error: unknown) => context.log.warn({ err: error }, 'forgotten login failures could not be deleted'),
      );
  }, SWEEP_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    return running;
  };
}
