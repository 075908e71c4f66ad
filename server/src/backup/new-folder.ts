import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { randomToken } from '@im/common/utils/random-id.ts';

/** A folder that appears under its name only when it is whole. */
export interface NewFolder {
  /** Where it is filled: beside the place it is for, with a name of its own. */
  readonly path: string;
  /** Gives it its name. Throws when something has taken the place meanwhile. */
  finish(): void;
  /** Removes what there is of it. */
  discard(): void;
}

/** Begins a folder (mode 0700) for a place that is free or an empty folder; `state` says what an unfinished one is called. */
export function beginFolder(place: string, state: string): NewFolder {
  mkdirSync(dirname(place), { recursive: true });
  const path = join(dirname(place), `${basename(place)}.${state}-${randomToken(6)}`);
  mkdirSync(path, { mode: 0o700 });
  return {
    path,
    finish() {
      syncFolder(path);
      renameSync(path, place);
      syncFolder(dirname(place));
    },
    discard: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Whether nothing would be lost by putting a folder there. Throws for a file. */
export function isFree(place: string): boolean {
  try {
    return readdirSync(place).length === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

// A name is on disk only when its folder is.
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
