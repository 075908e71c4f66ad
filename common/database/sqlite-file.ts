import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSqliteConnection, type SqliteConnection } from './sqlite-connection.ts';

/** Milliseconds to wait for somebody else's lock. Small: the wait blocks the event loop. */
const BUSY_TIMEOUT_MS = 100;

/** KiB of pages each connection keeps in memory. */
const CACHE_KIB = 16 * 1024;

/** Bytes to which the -wal file shrinks when it starts anew, so that its size tells how much is in it. */
export const WAL_KEPT_BYTES = 4 * 1024 * 1024;

/** What `PRAGMA synchronous` answers for FULL. */
const FULL = 2;

/** Makes the file for its owner's eyes only, if there is none. Its folder must exist. */
export function createPrivateFile(file: string): void {
  try {
    // 'wx' leaves an existing file alone: closing a second descriptor of an
    // open SQLite file would drop this process's locks on it (POSIX).
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new Error(`cannot make the database file ${file}`, { cause: error });
  }
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Both connections of a file, or neither. */
export function openConnections(
  file: string,
  autocheckpoint: boolean,
): { writer: SqliteConnection; reader: SqliteConnection } {
  const writer = openWriter(file, autocheckpoint);
  try {
    return { writer, reader: openReader(file) };
  } catch (error) {
    writer.native.close();
    throw error;
  }
}

/**
 * The connection that writes: WAL, and a COMMIT returns after fsync. Throws when
 * SQLite does not confirm both, since an acknowledgement would promise too much.
 */
function openWriter(file: string, autocheckpoint: boolean): SqliteConnection {
  const native = open(file);
  try {
    native.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = ON;
      PRAGMA checkpoint_fullfsync = ON;
      PRAGMA journal_size_limit = ${WAL_KEPT_BYTES};
    `);
    if (!autocheckpoint) native.exec('PRAGMA wal_autocheckpoint = 0');
    const mode = pragma(native, 'journal_mode');
    if (mode !== 'wal') throw new Error(`${file} has journal_mode ${mode} instead of wal`);
    const synchronous = pragma(native, 'synchronous');
    if (synchronous !== FULL) throw new Error(`${file} has synchronous ${synchronous} instead of FULL`);
    return createSqliteConnection(native);
  } catch (error) {
    native.close();
    throw error;
  }
}

/** The connection that only reads; SQLite refuses every change on it. */
function openReader(file: string): SqliteConnection {
  const native = open(file);
  native.exec('PRAGMA query_only = ON');
  return createSqliteConnection(native);
}

function open(file: string): DatabaseSync {
  const native = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  native.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`);
  return native;
}

function pragma(native: DatabaseSync, name: string): unknown {
  return native.prepare(`PRAGMA ${name}`).get()?.[name];
}
