import type { Database } from '@im/common/database/database.ts';

/**
 * Takes a database's only writing transaction, so that every other waits, and
 * answers what lets them go on. Resolves once it is taken.
 */
export function holdWrites<S>(database: Database<S>): Promise<() => void> {
  return new Promise((taken, failed) => {
    database.transaction(() => new Promise<void>((release) => taken(release))).catch(failed);
  });
}
