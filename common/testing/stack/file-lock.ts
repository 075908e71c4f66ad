import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isTransient } from '../../database/errors.ts';
import { delay } from '../../utils/wait.ts';

/** Milliseconds between two tries to get a lock that another holds. */
const TRY_EVERY_MS = 50;

/**
 * Runs `work` while no other process or caller runs one under the same `file`,
 * and gives what it gives. Waits at most `waitMs`, then throws.
 *
 * The lock is SQLite's: the system drops it at any end of the process.
 */
export async function withFileLock<T>(file: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const lock = await acquire(file, waitMs);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(file: string, waitMs: number): Promise<DatabaseSync> {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    const lock = new DatabaseSync(file, { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock.close();
      if (!isTransient(error)) throw error;
      if (performance.now() > giveUpAt) throw new Error(`${file} is locked by another process`);
    }
    await delay(TRY_EVERY_MS);
  }
}
