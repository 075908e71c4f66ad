import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { withFileLock } from './file-lock.ts';

/** Milliseconds another process may take to make the same entry: a download over a slow line. */
const OTHERS_MS = 15 * 60_000;

/** Where programs are kept that all checkouts of this user share. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.IM_STACK_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'im-backend', 'stack');
}

/** The part of the cache for programs of this system, since a home folder may be seen from several. */
export function platformFolder(env?: NodeJS.ProcessEnv): string {
  const { ID = process.platform, VERSION_ID = '' } = osRelease();
  return join(cacheFolder(env), [ID, VERSION_ID, process.arch].filter((part) => part !== '').join('-'));
}

/** `/etc/os-release` of this machine; empty where there is none. */
export function osRelease(): Record<string, string | undefined> {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?([^"\n]*)"?$/gm);
    return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
  } catch {
    return {};
  }
}

/**
 * The folder `path` of the cache, made by `make` where there is none: it fills
 * an empty folder that gets its name when it is whole, so that what is there is
 * complete. Of several at once one makes it, the others wait.
 */
export async function cached(path: string, make: (dir: string) => Promise<void>): Promise<string> {
  if (existsSync(path)) return path;
  const parent = dirname(path);
  mkdirSync(parent, { recursive: true });
  const prefix = `.partial-${basename(path)}-`;
  return withFileLock(join(parent, `.${basename(path)}.lock`), OTHERS_MS, async () => {
    if (existsSync(path)) return path;
    // Under the lock, what others left unfinished has nobody working on it.
    for (const name of readdirSync(parent)) {
      if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
    }
    const partial = await mkdtemp(join(parent, prefix));
    try {
      await make(partial);
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
    return path;
  });
}
