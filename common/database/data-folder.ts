import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isTransient } from './errors.ts';
import { createPrivateFile } from './sqlite-file.ts';

/** The exclusive use of a data folder, until it is released or the process ends in whatever way. */
export interface DataFolderLock {
  release(): void;
}

/** Another process works on a data folder; the message says which. */
export class DataFolderInUse extends Error {}

/**
 * Makes the folder (mode 0700) where there is none, and locks it. Throws
 * DataFolderInUse when another process works on it.
 *
 * The lock is SQLite's on a file `lock`: the system drops it at any end of the
 * process. `lock.pid` beside it only serves the sentence.
 */
export function lockDataFolder(dir: string): DataFolderLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'lock');
  const pidFile = join(dir, 'lock.pid');
  createPrivateFile(file);
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isTransient(error)) throw error;
    throw new DataFolderInUse(`another im-backend is running on ${dir} (pid ${readPid(pidFile)})`, {
      cause: error,
    });
  }
  try {
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    lock.close();
    throw error;
  }
  function release(): void {
    process.off('exit', release);
    if (!lock.isOpen) return;
    rmSync(pidFile, { force: true });
    lock.close();
  }
  // Also keeps the connection reachable: collected as garbage, it would drop the
  // lock of a caller who does not hold on to what this function gives.
  process.on('exit', release);
  return { release };
}

function readPid(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
