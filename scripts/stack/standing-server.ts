import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Container, signalContainer } from '@im/common/testing/stack/container.ts';
import { spawnGated } from '@im/common/testing/stack/gated-process.ts';
import { claimPorts, isFree } from '@im/common/testing/stack/ports.ts';
import { prepareServer } from '@im/common/testing/stack/prepare-server.ts';
import { identityOf, isRunning, type ProcessIdentity } from '@im/common/testing/stack/process-identity.ts';
import type { Program } from '@im/common/testing/stack/programs.ts';
import { RECIPES } from '@im/common/testing/stack/recipes.ts';
import type { ServerKind } from '@im/common/testing/stack/server-kinds.ts';
import { PortTaken, untilReady } from '@im/common/testing/stack/until-ready.ts';
import { delay } from '@im/common/utils/wait.ts';

/** Milliseconds a clean end may take before the server is killed. */
const STOP_MS = 20_000;
/** How often other ports are tried where they turn out to be taken. */
const PORT_TRIES = 5;
/** Milliseconds between two looks whether it is gone. */
const LOOK_EVERY_MS = 50;

/** What is noted about a server that outlives who started it. */
export interface StandingServer {
  readonly process: ProcessIdentity;
  readonly ports: readonly number[];
  readonly version: string;
  /** Where the process only attends to a container. */
  readonly container?: Container;
}

/** The server of this kind that was last started in `dir`, running or not. */
export function lastStarted(dir: string, kind: ServerKind): StandingServer | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(dir, kind), 'utf8'));
  } catch {
    return undefined;
  }
}

export function isUp(server: StandingServer | undefined): server is StandingServer {
  return server !== undefined && isRunning(server.process);
}

/**
 * Starts one in `dir`, on its data of last time and, where they are free, on its
 * ports of last time; resolves when it answers. It is noted before it runs, so
 * that `end` finds it whatever happens to who started it.
 */
export async function begin(dir: string, kind: ServerKind, program: Program): Promise<StandingServer> {
  for (let tries = 1; ; tries++) {
    try {
      return await beginOn(await portsFor(lastStarted(dir, kind), kind), dir, kind, program);
    } catch (error) {
      if (!(error instanceof PortTaken) || tries === PORT_TRIES) throw error;
    }
  }
}

async function beginOn(
  ports: readonly number[],
  dir: string,
  kind: ServerKind,
  program: Program,
): Promise<StandingServer> {
  const folder = serverFolder(dir, kind);
  mkdirSync(folder, { recursive: true });
  const { command, container } = await prepareServer(RECIPES[kind], program, folder, ports);
  const { pid, go } = spawnGated(command, folder, logFile(dir, kind));
  const identity = identityOf(pid);
  if (identity === undefined) throw new Error(`${kind} ended before it started`);
  const server = { process: identity, ports, version: program.version, container };
  note(dir, kind, server);
  go();
  await untilReady(
    kind,
    () => RECIPES[kind].ask(ports[0] as number),
    () => !isUp(server),
    logFile(dir, kind),
  );
  return server;
}

/** Ends the server of this kind, by SIGKILL when it takes too long. Gives whether one ran. */
export async function end(dir: string, kind: ServerKind): Promise<boolean> {
  const server = lastStarted(dir, kind);
  if (!isUp(server)) return false;
  signal(server, 'SIGTERM');
  // Somebody may have paused it.
  signal(server, 'SIGCONT');
  for (const killAt = performance.now() + STOP_MS; isUp(server); await delay(LOOK_EVERY_MS)) {
    if (performance.now() > killAt) signal(server, 'SIGKILL');
  }
  return true;
}

function signal(server: StandingServer, name: NodeJS.Signals): void {
  if (server.container !== undefined) signalContainer(server.container, name);
  else if (isUp(server)) process.kill(-server.process.pid, name);
}

export function logFile(dir: string, kind: ServerKind): string {
  return join(serverFolder(dir, kind), 'server.log');
}

async function portsFor(last: StandingServer | undefined, kind: ServerKind): Promise<readonly number[]> {
  const count = RECIPES[kind].ports;
  if (last?.ports.length !== count) return claimPorts(count);
  const free = await Promise.all(last.ports.map(isFree));
  // A container keeps those it was made with.
  return free.includes(false) && last.container === undefined ? claimPorts(count) : last.ports;
}

function note(dir: string, kind: ServerKind, server: StandingServer): void {
  const file = recordFile(dir, kind);
  writeFileSync(`${file}.new`, JSON.stringify(server));
  renameSync(`${file}.new`, file);
}

function recordFile(dir: string, kind: ServerKind): string {
  return join(serverFolder(dir, kind), 'server.json');
}

function serverFolder(dir: string, kind: ServerKind): string {
  return join(dir, kind);
}
