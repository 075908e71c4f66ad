import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServiceName } from '../../service/names.ts';
import { delay } from '../../utils/wait.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Milliseconds one has to be ready, with many others starting beside it. */
const READY_MS = 120_000;
const LOOK_EVERY_MS = 50;
/** Milliseconds a clean stop may take. */
const STOP_MS = 20_000;

/** One service as a process of its own, which may be killed, paused and started again. */
export interface ServiceProcess {
  readonly service: ServiceName;
  readonly instance: number;
  readonly name: string;
  readonly pid: number | undefined;
  readonly logFile: string;
  /** Where its readiness and its metrics are; undefined before it says so. */
  readonly adminUrl: string | undefined;
  /** Resolves once it has said that it is ready. */
  ready(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** SIGTERM; resolves with its exit code, null when it had to be killed. */
  stop(): Promise<number | null>;
  /** Starts it again with the same settings; resolves when it is ready. */
  start(): Promise<void>;
}

export interface ServiceProcessOptions {
  service: ServiceName;
  instance: number;
  env: Readonly<Record<string, string>>;
  logFile: string;
  /** For Node itself, `--cpu-prof` for instance. */
  nodeArgs?: readonly string[] | undefined;
}

/** Starts it from its own folder, with its settings file; it waits by itself for what it needs. */
export function startServiceProcess(options: ServiceProcessOptions): ServiceProcess {
  const { service, instance, env, logFile, nodeArgs = [] } = options;
  const main = join(ROOT, service, 'src/main.ts');
  const name = `${service} ${instance}`;
  let child!: ChildProcess;
  let printed = '';

  function begin(): void {
    printed = '';
    const started = spawn(process.execPath, [...nodeArgs, main], {
      cwd: dirname(dirname(main)),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    const log = createWriteStream(logFile, { flags: 'a' });
    started.stderr!.pipe(log, { end: false });
    started.stdout!.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      log.write(chunk);
    });
    started.once('close', () => log.end());
    killWithUs.add(started);
    started.once('exit', () => killWithUs.delete(started));
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (hasExited(child)) return child.exitCode;
    const exited = once(child, 'exit');
    child.kill(signal);
    // A paused process takes no signal but SIGKILL.
    child.kill('SIGCONT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
    return child.exitCode;
  }

  const process_: ServiceProcess = {
    service,
    instance,
    name,
    logFile,
    get pid() {
      return child.pid;
    },
    get adminUrl() {
      return /^admin (\S+)$/m.exec(printed)?.[1];
    },
    async ready() {
      for (
        const giveUpAt = performance.now() + READY_MS;
        !/^ready$/m.test(printed);
        await delay(LOOK_EVERY_MS)
      ) {
        if (hasExited(child)) throw new Error(`${name} left with ${child.exitCode}, see ${logFile}`);
        if (performance.now() > giveUpAt) throw new Error(`${name} is not ready, see ${logFile}`);
      }
    },
    async kill() {
      await end('SIGKILL');
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: () => end('SIGTERM'),
    async start() {
      begin();
      await process_.ready();
    },
  };
  begin();
  return process_;
}

/** Children that a process which dies on the way takes along. */
const killWithUs = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of killWithUs) child.kill('SIGKILL');
});

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
