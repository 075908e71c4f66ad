import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Container, removeContainerNow } from './container.ts';
import { beginLife, type Life } from './life.ts';
import { claimPorts, isFree } from './ports.ts';
import { prepareServer } from './prepare-server.ts';
import { findProgram, type Program } from './programs.ts';
import type { Recipe } from './recipe.ts';
import { RECIPES } from './recipes.ts';
import { addressOf, programOf, type ServerKind } from './server-kinds.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
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
  /** How to run it, where that is not as usual. */
  recipe?: Recipe;
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
  /** SIGSTOP: its port takes connections, nobody answers. Resolves when it stands still. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends it for good. May be called again. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it answers. Throws when its program is not there, or with what it wrote when it fails. */
export async function startServer(kind: ServerKind, options: StartServerOptions = {}): Promise<StackServer> {
  const { program = programFor(kind), recipe = RECIPES[kind] } = options;
  for (let tries = 1; ; tries++) {
    const temporary = options.dir === undefined ? temporaryFolder(`im-stack-${kind}-`) : undefined;
    const dir = options.dir ?? temporary?.path ?? '';
    mkdirSync(dir, { recursive: true });
    try {
      return await launch({ kind, program, recipe, dir, temporary, wantedPort: options.port });
    } catch (error) {
      temporary?.remove();
      if (!(error instanceof PortTaken) || options.port !== undefined || tries === PORT_TRIES) throw error;
    }
  }
}

/** Whether this machine can run it, so that `startServer` will: for tests that are left out where it cannot. */
export function canStart(kind: ServerKind): boolean {
  return findProgram(programOf(kind)) !== undefined;
}

function programFor(kind: ServerKind): Program {
  const program = findProgram(programOf(kind));
  if (program === undefined)
    throw new Error(`there is no ${programOf(kind)} on this machine: npm run stack -- fetch`);
  return program;
}

interface Launch {
  kind: ServerKind;
  program: Program;
  recipe: Recipe;
  dir: string;
  temporary: TemporaryFolder | undefined;
  wantedPort: number | undefined;
}

async function launch({ kind, program, recipe, dir, temporary, wantedPort }: Launch): Promise<StackServer> {
  const logFile = join(dir, 'server.log');
  const ports = await claimPorts(recipe.ports);
  if (wantedPort !== undefined) ports[0] = wantedPort;
  const port = ports[0] as number;
  let current: Life | undefined;
  let inContainer: Container | undefined;
  let stopped = false;

  async function start(): Promise<void> {
    const { command, container } = await prepareServer(recipe, program, dir, ports);
    const life = beginLife(command, dir, logFile, { temporary: temporary?.path, container });
    current = life;
    inContainer = container;
    try {
      await untilReady(
        kind,
        () => recipe.ask(port),
        () => life.hasEnded,
        logFile,
      );
    } catch (error) {
      await life.end('SIGKILL');
      if (temporary !== undefined && container !== undefined) removeContainerNow(container);
      throw error;
    }
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await current?.end(signal);
    current = undefined;
  }

  // Another on this port would answer for ours before ours has found that out.
  if (!(await isFree(port))) throw new PortTaken(`${kind}: port ${port} of 127.0.0.1 is taken`);
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
    pause: async () => current?.pause(),
    resume: () => current?.signal('SIGCONT'),
    async stop() {
      stopped = true;
      // What is thrown away need not be written down first.
      await kill(temporary === undefined ? 'SIGTERM' : 'SIGKILL');
      if (temporary === undefined) return;
      if (inContainer !== undefined) removeContainerNow(inContainer);
      temporary.remove();
    },
  };
}
