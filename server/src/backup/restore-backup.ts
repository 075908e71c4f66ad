import { existsSync, readdirSync, renameSync } from 'node:fs';
import { type DataFolderLock, lockDataFolder } from '@im/common/database/data-folder.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { MODULES } from '../modules.ts';
import { serviceOf } from './backup-order.ts';
import { copyBackupFile } from './copy-file.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { beginFolder, isFree } from './new-folder.ts';
import { renewDatabases } from './restored-databases.ts';

export interface RestoreOptions {
  /** A backup. Absolute. */
  from: string;
  /** The data folder to be: free or an empty folder unless `replace`. Absolute. */
  dataDir: string;
  /** Moves what is in the data folder aside. */
  replace: boolean;
  /** Leaves devices signed in: right only when nothing happened after the backup. */
  keepSessions: boolean;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Logger;
}

export interface Restored {
  readonly manifest: Manifest;
  /** What was done to make it fit to go on from, a sentence each. */
  readonly done: readonly string[];
  /** Where the data is that was there before. */
  readonly movedTo: string | undefined;
}

/**
 * Makes a data folder of a backup. The folder appears under its name when it is
 * whole and can be served: with a new epoch, so that every client syncs afresh,
 * with nobody signed in, and with outboxes that tell again what the older copies
 * among them have missed.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { from, dataDir, replace, keepSessions, now, log } = options;
  const manifest = readManifest(from);
  const lock = isFree(dataDir) ? undefined : lockOccupied(dataDir, replace);
  const folder = beginFolder(dataDir, 'restoring');
  try {
    for (const file of manifest.files) await copyBackupFile(file, from, folder.path);
    const services = manifest.files.flatMap(({ name }) => serviceOf(name) ?? []);
    const done = await renewDatabases({
      folder: folder.path,
      services,
      modules: MODULES,
      keepSessions,
      now,
      log,
    });
    const movedTo = lock && moveAside(dataDir, now());
    folder.finish();
    return { manifest, done, movedTo };
  } catch (error) {
    folder.discard();
    throw error;
  } finally {
    lock?.release();
  }
}

/** Takes a folder with something in it over from whoever may be using it. Throws when it is not ours to take. */
function lockOccupied(dataDir: string, replace: boolean): DataFolderLock {
  const files = readdirSync(dataDir);
  const isData = files.includes('lock') || files.some((file) => serviceOf(file) !== undefined);
  if (!isData) throw new Error(`${dataDir} is not empty and holds no data of a server: name another folder`);
  const lock = lockDataFolder(dataDir);
  if (replace) return lock;
  lock.release();
  throw new Error(`${dataDir} holds data already: name another folder, or --replace to move it aside`);
}

function moveAside(dataDir: string, now: number): string {
  const movedTo = `${dataDir}.replaced-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  if (existsSync(movedTo)) throw new Error(`${movedTo} exists already`);
  renameSync(dataDir, movedTo);
  return movedTo;
}
