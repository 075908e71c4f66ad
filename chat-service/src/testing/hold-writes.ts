import type { Database } from '@im/common/database/database.ts';
import { readPartitions, waitForPartitions } from '../store/log-partition.ts';
import type { ChatSchema } from '../store/schema.ts';

/**
 * Takes the lock of every partition, so that whoever writes has to wait, and
 * answers what lets them go on. Resolves once it is taken. Not for longer than
 * 5 s: MySQL takes its locks from who says nothing for so long.
 */
export function holdWrites(database: Database<ChatSchema>): Promise<() => void> {
  return new Promise((taken, failed) => {
    database
      .transaction(async (trx) => {
        const ids = (await readPartitions(trx)).map((row) => row.partition_id);
        await waitForPartitions(trx, ids);
        await new Promise<void>((release) => taken(release));
      })
      .catch(failed);
  });
}
