import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CHAT_KIND } from '@im/common/model/chat-relay.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { databasePath } from './backup-order.ts';

/**
 * Heals the seam between copies that were made one after another: what a service
 * had told others by the time of its own copy may be missing in theirs, which
 * are older. So its outbox counts that as unsent and tells it again.
 *
 * chat-service's copy says itself up to which version it has each conversation's
 * changes, so only the rest is told: all of 30 days would keep the newest waiting.
 * Any other receiver is told everything once more, which by the contract of the
 * outbox does no harm.
 *
 * Gives how many changes those are; 0 for a database without an outbox. For
 * restored copies that nobody has opened yet.
 */
export function takeUpOutbox(folder: string, service: ServiceName): number {
  const database = new DatabaseSync(databasePath(folder, service));
  try {
    if (!hasTable(database, 'outbox')) return 0;
    database.exec('CREATE TEMP TABLE taken (topic TEXT PRIMARY KEY, version INTEGER) WITHOUT ROWID');
    fillTaken(database, databasePath(folder, 'chat-service'), service);
    const { changes } = database
      .prepare(
        `UPDATE outbox SET sent_at = NULL WHERE sent_at IS NOT NULL AND NOT (
           kind = ? AND version <= coalesce((SELECT version FROM taken WHERE taken.topic = outbox.topic), 0))`,
      )
      .run(CHAT_KIND);
    return Number(changes);
  } finally {
    database.close();
  }
}

/** Up to which version of each of the service's topics chat-service's copy goes. */
function fillTaken(database: DatabaseSync, chatDatabase: string, service: ServiceName): void {
  // ATTACH would make the file.
  if (!existsSync(chatDatabase)) return;
  database.prepare('ATTACH ? AS chat').run(chatDatabase);
  database
    .prepare('INSERT INTO taken SELECT conversation_id, version FROM chat.append_position WHERE source = ?')
    .run(service);
}

function hasTable(database: DatabaseSync, name: string): boolean {
  return (
    database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined
  );
}
