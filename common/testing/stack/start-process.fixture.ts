import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A process of a test that said one line of JSON. */
export interface SpokenProcess<T> {
  readonly said: T;
  /** SIGKILL: it can do nothing any more. */
  kill(): Promise<void>;
}

/** Runs a file of this folder with Node, and waits for the line. */
export async function startFixture<T>(file: string, args: readonly string[]): Promise<SpokenProcess<T>> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, 'line'),
    gone.then(([code]) => {
      throw new Error(`${file} ended with ${code} and said nothing`);
    }),
  ]);
  return {
    said: JSON.parse(line),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
