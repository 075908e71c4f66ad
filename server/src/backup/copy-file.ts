import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BackupFile } from './manifest.ts';

/** Copies a file of a backup, for its owner's eyes only. Throws unless the copy is on disk and is what the manifest says. */
export async function copyBackupFile(file: BackupFile, from: string, to: string): Promise<void> {
  const source = join(from, file.name);
  const target = join(to, file.name);
  try {
    // Shares the blocks where the file system can.
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (cause) {
    throw new Error(`${source} cannot be copied: ${(cause as Error).message}`, { cause });
  }
  await chmod(target, 0o600);
  const handle = await open(target, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(target), hash);
  if (hash.digest('hex') !== file.sha256)
    throw new Error(`${source} is not the file that the manifest describes: the backup is damaged`);
}
