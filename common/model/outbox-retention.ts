import type { Database } from '../database/database.ts';
import type { Logger } from '../telemetry/log.ts';
import { deleteRow, sentBefore } from './outbox-store.ts';
import type { OutboxTables } from './outbox-tables.ts';

/** Milliseconds that sent rows are kept: the receiver may have to be restored from a backup of that age. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/** Milliseconds between two rounds. */
const INTERVAL_MS = 60 * 60 * 1000;

/** Rows of one transaction: few enough not to hold up the service's own. */
const BATCH = 200;

/** Deletes old sent rows now and every hour, until the function it gives is called. */
export function startOutboxRetention(
  database: Database<OutboxTables>,
  now: () => number,
  log: Logger,
): () => Promise<void> {
  let stopped = false;
  let running: Promise<void> = sweep();
  const timer = setInterval(() => {
    running = running.then(sweep);
  }, INTERVAL_MS).unref();

  async function sweep(): Promise<void> {
    try {
      while (!stopped) {
        const rows = await sentBefore(database.read, now() - KEPT_MS, BATCH);
        if (rows.length === 0) return;
        await database.transaction(async (trx) => {
          for (const { topic, version } of rows) await deleteRow(trx, topic, version);
        });
      }
    } catch (error) {
      log.warn({ err: error }, 'old rows of the outbox could not be deleted');
    }
  }

  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
}
