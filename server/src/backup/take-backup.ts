import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { writePrivateFile } from '@im/common/utils/private-file.ts';
import { sha256Hex } from '@im/common/utils/sha256.ts';
import { VERSION } from '../version.ts';
import { databaseFile, databasePath, KEY_FILES, servicesIn } from './backup-order.ts';
import { startCopier } from './copier.ts';
import { epochOf } from './epoch-of.ts';
import { type BackupFile, type Manifest, writeManifest } from './manifest.ts';
import { beginFolder, isFree } from './new-folder.ts';

export interface BackupOptions {
  /** Of a server that runs, or one whose folder the caller has locked. Absolute. */
  dataDir: string;
  /** Where the backup will be; free or an empty folder, outside `dataDir`. Absolute. */
  to: string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Gives the backup up; nothing of it stays. */
  signal?: AbortSignal;
  /** Told of each file once it is copied; the next one waits for it. */
  onFile?: (file: BackupFile) => void | Promise<void>;
}

/**
 * Copies a data folder while its server goes on. Everything that was
 * acknowledged before the call is in it. The backup appears under its name when
 * it is whole, checked and on disk; whatever happens before, it does not.
 */
export async function takeBackup(options: BackupOptions): Promise<Manifest> {
  const { dataDir, to, now, signal, onFile } = options;
  if (!isFree(to)) throw new Error(`${to} is not empty: a backup needs a folder of its own`);
  if (!relative(dataDir, to).startsWith('..')) throw new Error(`${to} is inside the data it is to keep safe`);
  const services = servicesIn(dataDir);
  if (services.length === 0) throw new Error(`${dataDir} holds no data of a server`);

  const takenAt = new Date(now()).toISOString();
  const files: BackupFile[] = [];
  const add = async (file: BackupFile) => {
    files.push(file);
    await onFile?.(file);
    signal?.throwIfAborted();
  };
  const folder = beginFolder(to, 'unfinished');
  const copier = startCopier();
  const giveUp = () => void copier.close();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    signal?.throwIfAborted();
    for (const service of services) {
      const copied = await copier.copy(databasePath(dataDir, service), databasePath(folder.path, service));
      await add({ name: databaseFile(service), ...copied });
    }
    for (const name of KEY_FILES) {
      if (existsSync(join(dataDir, name))) await add(copyKeyFile(name, dataDir, folder.path));
    }
    const epoch = services.includes('chat-service')
      ? epochOf(databasePath(folder.path, 'chat-service'))
      : undefined;
    const manifest = writeManifest(folder.path, { serverVersion: VERSION, takenAt, epoch, files });
    folder.finish();
    return manifest;
  } catch (error) {
    // Before the folder goes: a process that still writes would fill it again.
    await copier.close();
    folder.discard();
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
    await copier.close();
  }
}

function copyKeyFile(name: string, dataDir: string, folder: string): BackupFile {
  const content = readFileSync(join(dataDir, name), 'utf8');
  writePrivateFile(join(folder, name), content);
  return { name, bytes: Buffer.byteLength(content), sha256: sha256Hex(content) };
}
