import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { CopyReply, CopyRequest } from './copy-program.ts';

const PROGRAM = join(import.meta.dirname, 'copy-program.ts');

/** Copies databases in a process of its own while they are used. */
export interface Copier {
  /**
   * Copies one picture of a database to a file that is not there yet, checks it
   * and gives its size and checksum once it is on disk. One at a time.
   */
  copy(source: string, target: string): Promise<{ bytes: number; sha256: string }>;
  /** Ends the process, in the middle of a copy too; what it has written stays. */
  close(): Promise<void>;
}

/** Starts the process. */
export function startCopier(): Copier {
  const child = fork(PROGRAM, { execArgv: [], env: {}, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const gone = Promise.withResolvers<void>();
  let ended: Error | undefined;
  let waiting: PromiseWithResolvers<CopyReply> | undefined;

  function end(error: Error): void {
    ended ??= error;
    waiting?.reject(ended);
    gone.resolve();
  }
  child.on('message', (reply: CopyReply) => waiting?.resolve(reply));
  child.once('error', end);
  child.once('close', (code, signal) => end(new Error(`the copying process ended (${signal ?? code})`)));

  return {
    async copy(source, target) {
      if (ended) throw ended;
      waiting = Promise.withResolvers();
      child.send({ source, target } satisfies CopyRequest);
      const reply = await waiting.promise;
      if ('failed' in reply) throw new Error(`${source} could not be copied: ${reply.failed}`);
      return reply;
    },
    async close() {
      child.kill('SIGKILL');
      await gone.promise;
    },
  };
}
