import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { randomToken } from './random-id.ts';

// For the owner of the process alone.
const PRIVATE = 0o600;

/**
 * Writes a file that only its owner may read (mode 0600). After a crash there
 * is the old content or the new one, whole, and after the return the new one.
 */
export function writePrivateFile(file: string, content: string): void {
  const temporary = `${file}.${randomToken(6)}.tmp`;
  try {
    const handle = openSync(temporary, 'wx', PRIVATE);
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(file));
}

// A rename is on disk only when its folder is.
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
