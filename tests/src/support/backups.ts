import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@im/common/telemetry/log.ts';
import { restoreBackup } from '@im/server/backup/restore-backup.ts';
import { type Child, startChild } from '../child.ts';
import type { Product } from './product.ts';

const SCRIPTS = join(import.meta.dirname, '../../../scripts');

/** Folders and commands of a test about backups; everything goes with `remove`. */
export interface Backups {
  /** A path that nothing has yet. */
  path(name: string): string;
  /** Starts `npm run backup` or `npm run restore` with these arguments. */
  run(command: 'backup' | 'restore', ...args: string[]): Child;
  /** Takes a backup with the command and gives where it is. Throws with what the command said. */
  take(dataDir: string): Promise<string>;
  /** Stops the product, puts the backup in the place of its data, and starts it again. */
  putBack(product: Product, backup: string, options?: { keepSessions?: boolean }): Promise<readonly string[]>;
  remove(): Promise<void>;
}

export function createBackups(): Backups {
  const folder = mkdtempSync(join(tmpdir(), 'im-backup-'));
  const children: Child[] = [];
  const garbage = [folder];
  let taken = 0;

  function run(command: string, ...args: string[]): Child {
    const child = startChild(join(SCRIPTS, `${command}.ts`), { cwd: folder, args });
    children.push(child);
    return child;
  }

  return {
    path: (name) => join(folder, name),
    run,
    async take(dataDir) {
      const to = join(folder, `taken-${++taken}`);
      const child = run('backup', '--data', dataDir, '--to', to);
      if ((await child.exit()) !== 0) throw new Error(child.stderr);
      return to;
    },
    async putBack(product, from, { keepSessions = false } = {}) {
      const { dataDir } = product.server;
      await product.server.stop();
      const log = createLogger({ level: 'silent' });
      const { done, movedTo } = await restoreBackup({
        from,
        dataDir,
        replace: true,
        keepSessions,
        now: Date.now,
        log,
      });
      garbage.push(movedTo!);
      await product.restart();
      return done;
    },
    async remove() {
      for (const child of children) {
        child.signal('SIGKILL');
        await child.exit();
      }
      for (const path of garbage) rmSync(path, { recursive: true, force: true });
    },
  };
}
