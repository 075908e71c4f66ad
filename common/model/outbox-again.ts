import type { Database } from '../database/database.ts';
import { markAllUnsent } from './outbox-store.ts';
import type { OutboxTables } from './outbox-tables.ts';

/**
 * Lets everything that a restored outbox still holds be sent again, before the
 * service opens it: the receivers may come from copies that are older. Who has
 * a row already says so by its version, so one too many does no harm. Gives the
 * number of rows; 0 for a database without an outbox.
 */
export async function sendOutboxAgain(database: Database<unknown>): Promise<number> {
  const tables = await database.read.introspection.getTables();
  if (!tables.some(({ name }) => name === 'outbox')) return 0;
  return (database as Database<OutboxTables>).transaction(markAllUnsent);
}
