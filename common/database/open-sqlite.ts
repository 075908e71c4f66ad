import { Kysely, type Transaction } from 'kysely';
import type { Checkpointer } from './checkpointer.ts';
import type { Database, Migrations } from './database.ts';
import { createFairLock, type FairLock } from './fair-lock.ts';
import { migrate } from './migrate.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';
import { createPrivateFile, openConnections } from './sqlite-file.ts';
import { createTimeSlice } from './time-slice.ts';

export interface SqliteOptions {
  /** Path of the database; made with mode 0600 in a folder that must exist. */
  file: string;
  migrations: Migrations;
  /** Moves the write-ahead log into the file beside the main thread. Without one SQLite does it in COMMIT. */
  checkpointer?: Checkpointer;
  /** Milliseconds since 1970, for the migrations' table. */
  now?: () => number;
}

/**
 * Opens a service's SQLite file, migrated. One connection writes, behind one
 * fair queue and only in transactions; one reads everything else. Throws when
 * the file cannot promise that a COMMIT is on disk.
 *
 * A transaction must not await another transaction of the same database, nor a
 * snapshot's work a query outside it: they would wait for each other.
 */
export async function openSqliteDatabase<S>(options: SqliteOptions): Promise<Database<S>> {
  const { file, migrations, checkpointer, now = Date.now } = options;
  createPrivateFile(file);
  const { writer, reader } = openConnections(file, checkpointer === undefined);
  const slice = createTimeSlice();
  const writing = createFairLock();
  const reading = createFairLock();
  let closing: Promise<void> | undefined;

  async function nextSlice(): Promise<void> {
    for (let turn = slice(); turn !== undefined; turn = slice()) await turn;
  }

  async function hold(lock: FairLock): Promise<void> {
    const held = lock.acquire();
    if (held !== undefined) await held;
    await nextSlice();
  }

  const writes = new Kysely<S>({
    dialect: createSqliteDialect({
      connection: writer,
      gate: { enter: () => hold(writing), leave: writing.release },
      begin: 'immediate',
      onlyInTransactions: true,
    }),
  });
  const snapshots = new Kysely<S>({
    dialect: createSqliteDialect({
      connection: reader,
      gate: { enter: () => hold(reading), leave: reading.release },
      begin: 'deferred',
      onlyInTransactions: true,
    }),
  });
  const read = new Kysely<S>({
    dialect: createSqliteDialect({
      connection: reader,
      gate: {
        // A single query is over as soon as it began, so it only waits until no
        // snapshot is open; holding the connection would cost and bring nothing.
        async enter() {
          await nextSlice();
          const passed = reading.pass();
          if (passed !== undefined) await passed;
        },
        leave() {},
      },
      begin: 'none',
      onlyInTransactions: false,
    }),
  });

  function whileOpen<T>(db: Kysely<S>, work: (trx: Transaction<S>) => Promise<T>): Promise<T> {
    if (closing !== undefined) return Promise.reject(new Error(`the database ${file} is closed`));
    return db.transaction().execute(work);
  }

  const watch = checkpointer?.watch(file, () => {
    // The worker cannot overtake a writer that never rests; in the writer's own
    // queue little is left to move, and then the log starts anew.
    void hold(writing).then(() => {
      try {
        if (closing === undefined) writer.native.exec('PRAGMA wal_checkpoint(PASSIVE)');
      } catch {
        // The worker meets the same trouble and tells the log.
      } finally {
        writing.release();
      }
    });
  });

  async function closeAll(): Promise<void> {
    await watch?.stop();
    await Promise.all([hold(writing), hold(reading)]);
    try {
      reader.native.close();
      writer.native.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // What is committed is safe in the log, and the next start reads it from there.
    } finally {
      writer.native.close();
      writing.release();
      reading.release();
    }
  }

  const database: Database<S> = {
    writers: 1,
    read,
    transaction: (work) => whileOpen(writes, work),
    snapshot: (work) => whileOpen(snapshots, work),
    // A file that was opened is there.
    async reachable() {
      if (closing !== undefined) throw new Error(`the database ${file} is closed`);
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };

  try {
    await migrate(database, migrations, now);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
