import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '../../service/names.ts';
import { delay } from '../../utils/wait.ts';
import { atTheEnd, spawnGated } from '../stack/gated-process.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Milliseconds one has to be ready, with many others starting beside it. */
const READY_MS = 120_000;
const LOOK_EVERY_MS = 50;
/** Milliseconds a clean stop may take. */
const STOP_MS = 20_000;

/** One service as a process of its own, which may be killed, paused and started again. It ends with this process, however that ends. */
export interface ServiceProcess {
  readonly service: ServiceName;
  readonly instance: number;
  readonly name: string;
  readonly pid: number;
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
  /** All of its environment. */
  env: Readonly<Record<string, string>>;
  /** What it prints and logs, over all its lives. */
  logFile: string;
  /** For Node itself, `--cpu-prof` for instance. */
  nodeArgs?: readonly string[] | undefined;
}

/** Starts it from its own folder, with its settings file; it waits by itself for what it needs. */
export function startServiceProcess(options: ServiceProcessOptions): ServiceProcess {
  const { service, instance, env, logFile, nodeArgs = [] } = options;
  const folder = join(ROOT, service);
  const name = `${service} ${instance}`;
  let child!: ChildProcess;
  let exited!: Promise<unknown>;
  /** Where in the log this life begins. */
  let from = 0;
  let adminUrl: string | undefined;

  function begin(): void {
    from = existsSync(logFile) ? statSync(logFile).size : 0;
    adminUrl = undefined;
    const args = [...nodeArgs, join(folder, 'src/main.ts')];
    const started = spawnGated({ file: process.execPath, args, env, bare: true }, folder, logFile);
    child = started.child;
    const callOff = atTheEnd({ kill: started.pid });
    exited = once(child, 'exit').then(callOff);
    started.go();
  }

  const printed = () => readFileSync(logFile).subarray(from).toString();

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (hasExited(child)) return child.exitCode;
    child.kill(signal);
    // A paused process takes no signal but SIGKILL.
    child.kill('SIGCONT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
    return child.exitCode;
  }

  const serviceProcess: ServiceProcess = {
    service,
    instance,
    name,
    logFile,
    get pid() {
      return child.pid!;
    },
    get adminUrl() {
      adminUrl ??= /^admin (\S+)$/m.exec(printed())?.[1];
      return adminUrl;
    },
    async ready() {
      const giveUpAt = performance.now() + READY_MS;
      while (!/^ready$/m.test(printed())) {
        if (hasExited(child)) throw new Error(`${name} left with ${child.exitCode}, see ${logFile}`);
        if (performance.now() > giveUpAt) throw new Error(`${name} is not ready, see ${logFile}`);
        await delay(LOOK_EVERY_MS);
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
      await serviceProcess.ready();
    },
  };
  begin();
  return serviceProcess;
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
