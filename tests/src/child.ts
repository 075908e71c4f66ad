import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { vi } from 'vitest';

/** How long a process may take to start or to leave, on a machine that does other things too, in milliseconds. */
const PATIENCE_MS = 20_000;

/** A program of the project running under plain Node. */
export interface Child {
  readonly pid: number;
  /** What it wrote so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with what the first group of `pattern` matches once stdout has it; rejects when the process ends first. */
  printed(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, null after a signal. */
  exit(): Promise<number | null>;
}

export interface ChildOptions {
  cwd: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Flags of Node itself. */
  nodeArgs?: readonly string[];
}

/** Starts a TypeScript file with the Node that runs this, in an environment that holds nothing but `env` and PATH. */
export function startChild(file: string, { cwd, args = [], env = {}, nodeArgs = [] }: ChildOptions): Child {
  const child: ChildProcess = spawn(process.execPath, [...nodeArgs, file, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  let ended = false;
  void closed.then(() => {
    ended = true;
  });
  return {
    pid: child.pid!,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    async printed(pattern) {
      return await vi.waitUntil(
        () => {
          const match = pattern.exec(stdout);
          if (match === null && ended) throw new Error(`it left without printing ${pattern}: ${stderr}`);
          return match?.[1] ?? match?.[0];
        },
        { timeout: PATIENCE_MS, interval: 20 },
      );
    },
    signal: (signal) => void child.kill(signal),
    exit: () => closed,
  };
}
