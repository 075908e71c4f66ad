import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { delay } from '../utils/wait.ts';
import { createImClient } from './client/http.ts';

/** Milliseconds a server has to be ready: one second where nothing else runs, half a minute beside two suites with clusters. */
const READY_MS = 120_000;
/** Milliseconds between two looks at a server that starts. */
const LOOK_EVERY_MS = 20;
/** Milliseconds a clean stop may take before it is killed. */
const STOP_MS = 15_000;

export interface ServerProcessOptions {
  /** The program: `server/src/main.ts`. */
  main: string;
  /** Holds the data and the log of the server. */
  folder: string;
  /** More of its command line. */
  args?: readonly string[];
  /** For Node itself, `--cpu-prof` for instance. */
  nodeArgs?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** The real server as a process of its own, which may be killed and started again. */
export interface ServerProcess {
  readonly httpUrl: string;
  /** `ws://…/ws` */
  readonly socketUrl: string;
  readonly dataDir: string;
  /** What the server wrote on stdout and stderr, over all its lives. */
  readonly logFile: string;
  readonly pid: number | undefined;
  /** SIGKILL: nothing is flushed, nobody is told. */
  kill(): Promise<void>;
  /** Sends a signal; SIGSTOP and SIGCONT pause it. */
  signal(signal: NodeJS.Signals): void;
  /** Starts it again on the same data and the same ports; resolves when it is ready. */
  start(): Promise<void>;
  /** Ends it, cleanly if it can. Gives its exit code, null when it had to be killed. */
  stop(): Promise<number | null>;
}

/** Starts the server on free ports and waits until it is ready. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const dataDir = join(options.folder, 'data');
  const logFile = join(options.folder, 'server.log');
  await mkdir(options.folder, { recursive: true });
  let child: ChildProcess | undefined;
  let ports = { http: '0', ws: '0' };
  let httpUrl = '';
  let socketUrl = '';

  async function start(): Promise<void> {
    const args = ['--data', dataDir, '--http-port', ports.http, '--ws-port', ports.ws, '--admin-port', '0'];
    const started = spawn(
      process.execPath,
      [...(options.nodeArgs ?? []), options.main, ...args, ...(options.args ?? [])],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...options.env },
      },
    );
    child = started;
    const log = createWriteStream(logFile, { flags: 'a' });
    started.stderr.pipe(log, { end: false });
    let printed = '';
    started.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      log.write(chunk);
    });
    started.once('close', () => log.end());
    try {
      await ready(started, () => printed);
    } catch (error) {
      started.kill('SIGKILL');
      throw error;
    }
  }

  async function ready(started: ChildProcess, printed: () => string): Promise<void> {
    for (const giveUpAt = performance.now() + READY_MS; ; await delay(LOOK_EVERY_MS)) {
      if (hasExited(started)) throw new Error(`the server left with ${started.exitCode}, see ${logFile}`);
      if (performance.now() > giveUpAt) throw new Error(`the server is not ready, see ${logFile}`);
      const url = /https?:\/\/[^\s/]+/.exec(printed())?.[0];
      const config = url === undefined ? undefined : await configOnceReady(url);
      if (url === undefined || config === undefined) continue;
      httpUrl = url;
      socketUrl = config.socketUrl;
      ports = { http: new URL(httpUrl).port, ws: new URL(socketUrl).port };
      return;
    }
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child;
    if (!ending) return null;
    if (!hasExited(ending)) {
      const exited = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill(signal);
      const timer = setTimeout(() => ending.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(timer);
    }
    return ending.exitCode;
  }

  await start();
  return {
    get httpUrl() {
      return httpUrl;
    },
    get socketUrl() {
      return socketUrl;
    },
    get pid() {
      return child?.pid;
    },
    dataDir,
    logFile,
    start,
    signal: (signal) => void child?.kill(signal),
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Undefined while it is not ready, or too busy to say so. */
async function configOnceReady(url: string): Promise<{ socketUrl: string } | undefined> {
  try {
    if (!(await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok) return undefined;
    return await createImClient(url).call<{ socketUrl: string }>('GET', '/v1/config');
  } catch {
    return undefined;
  }
}
