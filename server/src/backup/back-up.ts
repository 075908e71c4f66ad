import { existsSync } from 'node:fs';
import { DataFolderInUse, type DataFolderLock, lockDataFolder } from '@im/common/database/data-folder.ts';
import { delay } from '@im/common/utils/wait.ts';
import { readPorts } from '../ports-file.ts';
import { askForBackup, NotThatServer } from './ask-server.ts';
import { servicesIn } from './backup-order.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { takeBackup } from './take-backup.ts';

/** How long a server that is starting or stopping is waited for, and how often it is looked for, in milliseconds. */
const WAIT_MS = 15_000;
const LOOK_EVERY_MS = 100;

export interface BackUpOptions {
  /** Absolute, both. */
  dataDir: string;
  to: string;
  onFile: (file: { name: string; bytes: number }) => void;
}

/**
 * Backs a data folder up, whether its server runs or not: the folder's lock
 * says so, never a file that a killed server may have left. A server that runs
 * is asked; else the folder stays locked while it is copied.
 */
export async function backUp(options: BackUpOptions): Promise<Manifest> {
  const { dataDir, to } = options;
  // Before the lock, which would make the folder.
  if (!existsSync(dataDir) || servicesIn(dataDir).length === 0)
    throw new Error(`${dataDir} holds no data of a server`);
  for (const giveUpAt = performance.now() + WAIT_MS; ; await delay(LOOK_EVERY_MS)) {
    const lock = lockOrInUse(dataDir);
    if (!(lock instanceof DataFolderInUse)) return await copyLocked(options, lock);
    try {
      await askRunning(options);
      return readManifest(to);
    } catch (error) {
      if (!(error instanceof NotThatServer)) throw error;
      if (performance.now() > giveUpAt)
        throw new Error(`${lock.message}, but it cannot be asked: ${error.message}`);
    }
  }
}

function lockOrInUse(dataDir: string): DataFolderLock | DataFolderInUse {
  try {
    return lockDataFolder(dataDir);
  } catch (error) {
    if (error instanceof DataFolderInUse) return error;
    throw error;
  }
}

async function copyLocked({ dataDir, to, onFile }: BackUpOptions, lock: DataFolderLock): Promise<Manifest> {
  try {
    return await takeBackup({ dataDir, to, now: Date.now, onFile });
  } finally {
    lock.release();
  }
}

async function askRunning({ dataDir, to, onFile }: BackUpOptions): Promise<void> {
  const ports = readPorts(dataDir);
  if (ports?.adminPort === undefined) throw new NotThatServer('it has not said on which port');
  await askForBackup({ adminPort: ports.adminPort, adminToken: ports.adminToken, to, onFile });
}
