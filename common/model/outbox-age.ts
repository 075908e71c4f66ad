import { Gauge, type Registry } from 'prom-client';
import type { Database } from '../database/database.ts';
import { oldestUnsentAt } from './outbox-store.ts';
import type { OutboxTables } from './outbox-tables.ts';

const NAME = 'im_outbox_oldest_unsent_seconds';

/** Shows the age of the oldest unsent row, 0 when all is sent, until the function it gives is called. */
export function showOutboxAge(
  metrics: Registry,
  database: Database<OutboxTables>,
  now: () => number,
): () => void {
  new Gauge({
    name: NAME,
    help: 'Age of the oldest change that another service has not been told yet.',
    registers: [metrics],
    async collect() {
      const oldest = await oldestUnsentAt(database.read).catch(() => Number.NaN);
      this.set(oldest === undefined ? 0 : Math.max(0, now() - oldest) / 1000);
    },
  });
  return () => metrics.removeSingleMetric(NAME);
}
