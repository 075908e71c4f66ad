import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, openSync, statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { pipeline } from 'node:stream/promises';

// The program behind copier.ts: a process of its own, so that a copy blocks
// nobody, gives way to the server, and can be ended at any moment.

export interface CopyRequest {
  source: string;
  target: string;
}

export type CopyReply = { bytes: number; sha256: string } | { failed: string };

/** Milliseconds to wait for somebody else's lock: only recovery after a crash holds one that readers meet. */
const BUSY_TIMEOUT_MS = 10_000;

/** Of the niceness of a process, -20 to 19: the server's messages come first. */
const GIVES_WAY = 10;

process.on('message', (request: CopyRequest) => {
  copy(request).then(
    (copied) => process.send!(copied satisfies CopyReply),
    (error: unknown) => process.send!({ failed: error instanceof Error ? error.message : String(error) }),
  );
});
// Its server is gone: nobody would make a backup of what it copies.
process.on('disconnect', () => process.exit(1));

try {
  setPriority(GIVES_WAY);
} catch {
  // Where that is not allowed it is done at the usual priority.
}

async function copy({ source, target }: CopyRequest) {
  // SQLite takes an empty file as its target, and it is for its owner's eyes only from the first byte on.
  closeSync(openSync(target, 'wx', 0o600));
  copyDatabase(source, target);
  checkDatabase(target);
  syncFile(target);
  const hash = createHash('sha256');
  await pipeline(createReadStream(target), hash);
  return { bytes: statSync(target).size, sha256: hash.digest('hex') };
}

/** One consistent picture: what is committed when it begins, whatever is written meanwhile. Free pages stay behind. */
function copyDatabase(source: string, target: string): void {
  const connection = new DatabaseSync(source, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    connection.prepare('VACUUM INTO ?').run(target);
  } finally {
    connection.close();
  }
}

function checkDatabase(file: string): void {
  const connection = new DatabaseSync(file, { readOnly: true });
  try {
    const [first] = connection.prepare('PRAGMA integrity_check(1)').all();
    if (first?.integrity_check !== 'ok') throw new Error(`the copy is damaged: ${first?.integrity_check}`);
  } finally {
    connection.close();
  }
}

function syncFile(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
