import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beginLife, type Life } from './life.ts';
import { claimPorts } from './ports.ts';
import { findProgram, type Program } from './programs.ts';
import { RECIPES } from './recipes.ts';
import { addressOf, programOf, type ServerKind } from './server-kinds.ts';
import { PortTaken, untilReady } from './until-ready.ts';

/** How often other ports are tried where they turn out to be taken. */
const PORT_TRIES = 5;

export interface StartServerOptions {
  /** Holds the server's data and its log, and stays; without it a temporary one that goes with the server. */
  dir?: string;
  /** The port of its clients; a free one if not given. */
  port?: number;
  /** What to run, where that is known already. */
  program?: Program;
}

/**
 * A real server of this process's own. It ends with this process, however that
 * ends; what it was started in a temporary folder with goes too.
 */
export interface StackServer {
  readonly kind: ServerKind;
  /** As in the IM_TEST_* variable of its kind. */
  readonly address: string;
  readonly port: number;
  readonly dir: string;
  /** What it writes on its outputs, over all its lives. */
  readonly logFile: string;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** Ends it, by SIGKILL if not told otherwise; resolves when it is gone. What it had on disk stays. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again, on the same port and data; resolves when it answers. One that runs is killed first, by SIGTERM if not told otherwise. */
  restart(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** SIGSTOP: its port takes connections, nobody answers. */
  pause(): void;
  resume(): void;
  /** Ends it for good. May be called again. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it answers. Throws when its program is not there, or with what it wrote when it fails. */
export async function startServer(kind: ServerKind, options: StartServerOptions = {}): Promise<StackServer> {
  const program = options.program ?? programFor(kind);
  for (let tries = 1; ; tries++) {
    const own = options.dir === undefined ? mkdtempSync(join(tmpdir(), `im-stack-${kind}-`)) : undefined;
    const dir = options.dir ?? own ?? '';
    mkdirSync(dir, { recursive: true });
    try {
      return await launch(kind, program, dir, own, options.port);
    } catch (error) {
      if (own !== undefined) rmSync(own, { recursive: true, force: true });
      if (!(error instanceof PortTaken) || options.port !== undefined || tries === PORT_TRIES) throw error;
    }
  }
}

function programFor(kind: ServerKind): Program {
  const program = findProgram(programOf(kind));
  if (program === undefined)
    throw new Error(`there is no ${programOf(kind)} on this machine: npm run stack -- fetch`);
  return program;
}

async function launch(
  kind: ServerKind,
  program: Program,
  dir: string,
  temporary: string | undefined,
  wantedPort: number | undefined,
): Promise<StackServer> {
  const recipe = RECIPES[kind];
  const logFile = join(dir, 'server.log');
  const ports = await claimPorts(recipe.ports);
  if (wantedPort !== undefined) ports[0] = wantedPort;
  const port = ports[0] as number;
  let current: Life | undefined;
  let stopped = false;

  async function start(): Promise<void> {
    await recipe.prepare(program, dir, ports);
    const life = beginLife(recipe.command(program, dir, ports), dir, logFile, temporary);
    current = life;
    try {
      await untilReady(
        kind,
        () => recipe.ask(port),
        () => life.hasEnded,
        logFile,
      );
    } catch (error) {
      await life.end('SIGKILL');
      throw error;
    }
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await current?.end(signal);
    current = undefined;
  }

  await start();
  return {
    kind,
    port,
    dir,
    logFile,
    address: addressOf(kind, port),
    get pid() {
      return current?.hasEnded === false ? current.pid : undefined;
    },
    kill,
    async restart(signal = 'SIGTERM') {
      if (stopped) throw new Error(`${kind} was stopped for good`);
      await kill(signal);
      await start();
    },
    pause: () => current?.signal('SIGSTOP'),
    resume: () => current?.signal('SIGCONT'),
    async stop() {
      stopped = true;
      // What is thrown away need not be written down first.
      await kill(temporary === undefined ? 'SIGTERM' : 'SIGKILL');
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    },
  };
}
