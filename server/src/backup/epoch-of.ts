import { DatabaseSync } from 'node:sqlite';

/** The epoch that a copy of chat-service's database carries. Called for copies only: it opens the file. */
export function epochOf(chatDatabase: string): string | undefined {
  const connection = new DatabaseSync(chatDatabase, { readOnly: true });
  try {
    const row = connection.prepare('SELECT epoch FROM log_partition LIMIT 1').get();
    return row === undefined ? undefined : String(row.epoch);
  } finally {
    connection.close();
  }
}
