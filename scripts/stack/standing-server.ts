import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnGated } from '@im/common/testing/stack/gated-process.ts';
import { claimPorts, isFree } from '@im/common/testing/stack/ports.ts';
import { identityOf, isRunning, type ProcessIdentity } from '@im/common/testing/stack/process-identity.ts';
import type { Program } from '@im/common/testing/stack/programs.ts';
import { RECIPES } from '@im/common/testing/stack/recipes.ts';
import type { ServerKind } from '@im/common/testing/stack/server-kinds.ts';
import { untilReady } from '@im/common/testing/stack/until-ready.ts';
import { delay } from '@im/common/utils/wait.ts';

/** Milliseconds a clean end may take before the server is killed. */
const STOP_MS = 20_000;
/** Milliseconds between two looks whether it is gone. */
const LOOK_EVERY_MS = 50;

/** What is noted about a server that outlives who started it. */
export interface StandingServer {
  readonly process: ProcessIdentity;
  readonly ports: readonly number[];
  readonly version: string;
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
  const recipe = RECIPES[kind];
  const folder = serverFolder(dir, kind);
  mkdirSync(folder, { recursive: true });
  const ports = await portsFor(lastStarted(dir, kind), recipe.ports);
  await recipe.prepare(program, folder, ports);
  const { pid, go } = spawnGated(recipe.command(program, folder, ports), folder, logFile(dir, kind));
  const identity = identityOf(pid);
  if (identity === undefined) throw new Error(`${kind} ended before it started`);
  const server = { process: identity, ports, version: program.version };
  note(dir, kind, server);
  go();
  await untilReady(
    kind,
    () => recipe.ask(ports[0] as number),
    () => !isUp(server),
    logFile(dir, kind),
  );
  return server;
}

/** Ends the server of this kind, by SIGKILL when it takes too long. Gives whether one ran. */
export async function end(dir: string, kind: ServerKind): Promise<boolean> {
  const server = lastStarted(dir, kind);
  if (!isUp(server)) return false;
  const { pid } = server.process;
  process.kill(-pid, 'SIGTERM');
  // Somebody may have paused it.
  process.kill(-pid, 'SIGCONT');
  for (const killAt = performance.now() + STOP_MS; isUp(server); await delay(LOOK_EVERY_MS)) {
    if (performance.now() > killAt && isUp(server)) process.kill(-pid, 'SIGKILL');
  }
  return true;
}

export function logFile(dir: string, kind: ServerKind): string {
  return join(serverFolder(dir, kind), 'server.log');
}

async function portsFor(last: StandingServer | undefined, count: number): Promise<readonly number[]> {
  if (last?.ports.length !== count) return claimPorts(count);
  const free = await Promise.all(last.ports.map(isFree));
  return free.includes(false) ? claimPorts(count) : last.ports;
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
