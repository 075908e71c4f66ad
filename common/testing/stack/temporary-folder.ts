import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atTheEnd } from './gated-process.ts';

/** A new folder that goes with this process, however that ends, if it was not removed before. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

export function temporaryFolder(prefix: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), prefix));
  const callOff = atTheEnd({ remove: path });
  return {
    path,
    remove() {
      callOff();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
