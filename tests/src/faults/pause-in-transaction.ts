import type { ServiceProcess } from '@im/common/testing/cluster/service-process.ts';
import { delay } from '@im/common/utils/wait.ts';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

/** How often it is tried to catch it in one. */
const TRIES = 100;
/** InnoDB tells of the past where it was asked less than 100 ms ago (`innodb_trx` is a copy). Milliseconds. */
const TELLS_AFRESH_MS = 120;
/** A transaction that has held locks for so long is of a process that does not go on. Milliseconds. */
const STANDS_STILL_MS = 200;
/** Milliseconds between two tries, at most. */
const MOST_PAUSE_MS = 50;

/**
 * Pauses a process that has a transaction with locks open: goes on and pauses
 * it again until it has. Says whether it came to that; paused it is in the end
 * in any case.
 */
export async function pauseInTransaction(mysqlUrl: string, victim: ServiceProcess): Promise<boolean> {
  const connection = await createConnection({ uri: mysqlUrl, connectTimeout: 10_000 });
  try {
    for (let tries = 1; ; tries++) {
      victim.pause();
      await delay(TELLS_AFRESH_MS);
      const before = await openTransactions(connection);
      if (before.size > 0) {
        await delay(STANDS_STILL_MS);
        const after = await openTransactions(connection);
        if ([...before].some((id) => after.has(id))) return true;
      }
      if (tries === TRIES) return false;
      victim.resume();
      await delay(Math.random() * MOST_PAUSE_MS);
    }
  } finally {
    await connection.end();
  }
}

/** By their ids: those that have locked rows. */
async function openTransactions(connection: Connection): Promise<Set<string>> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT trx_id AS id FROM information_schema.innodb_trx WHERE trx_rows_locked > 0',
  );
  return new Set(rows.map(({ id }) => String(id)));
}
