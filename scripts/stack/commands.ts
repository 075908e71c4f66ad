import { join } from 'node:path';
import { withFileLock } from '@im/common/testing/stack/file-lock.ts';
import { findProgram } from '@im/common/testing/stack/programs.ts';
import {
  ADDRESS_VARIABLES,
  addressOf,
  programOf,
  SERVER_KINDS,
  type ServerKind,
} from '@im/common/testing/stack/server-kinds.ts';
import { fetchPrograms } from './fetch.ts';
import { begin, end, isUp, lastStarted, type StandingServer } from './standing-server.ts';

/** Milliseconds another command on the same folder may take: it may have to download. */
const OTHERS_MS = 20 * 60_000;

/** What a command works on. */
export interface StackFolder {
  /** Holds data and logs of the servers. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes a line for people. */
  readonly say: (line: string) => void;
}

/**
 * Sees to it that each server runs: given by its variable, still running, or
 * started now (fetched before, if need be). Gives the address of each; calling it
 * again gives the same.
 */
export function up({ dir, env, say }: StackFolder): Promise<Record<ServerKind, string>> {
  return withFileLock(join(dir, 'lock'), OTHERS_MS, async () => {
    // Looked up before anything starts: what was our own address may be nobody's then.
    const givenOf = new Map(SERVER_KINDS.map((kind) => [kind, given(dir, env, kind)]));
    const missing = SERVER_KINDS.filter(
      (kind) => givenOf.get(kind) === undefined && !isUp(lastStarted(dir, kind)),
    );
    await fetchPrograms(say, [...new Set(missing.map(programOf))]);
    const started = await Promise.allSettled(
      missing.map(async (kind) => {
        const program = findProgram(programOf(kind), env);
        if (program === undefined) throw new Error(`${kind} has no program`);
        const { process, version } = await begin(dir, kind, program);
        say(`${kind}: ${version} runs as process ${process.pid}`);
      }),
    );
    const failure = started.find((result) => result.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    const addresses = SERVER_KINDS.map((kind) => [kind, givenOf.get(kind) ?? ownAddress(dir, kind)]);
    return Object.fromEntries(addresses);
  });
}

/** Ends the servers that `up` started in this folder, whoever called it and however that ended. Their data stay. */
export function down({ dir, say }: StackFolder): Promise<void> {
  return withFileLock(join(dir, 'lock'), OTHERS_MS, async () => {
    await Promise.all(
      SERVER_KINDS.map(async (kind) =>
        say(`${kind}: ${(await end(dir, kind)) ? 'stopped' : 'was not running'}`),
      ),
    );
  });
}

/** Says of each server where it is, or from where it would come. */
export function status({ dir, env, say }: StackFolder): void {
  for (const kind of SERVER_KINDS) say(`${kind}: ${stateOf(dir, env, kind)}`);
}

function stateOf(dir: string, env: NodeJS.ProcessEnv, kind: ServerKind): string {
  const address = given(dir, env, kind);
  if (address !== undefined) return `given, ${ADDRESS_VARIABLES[kind]}=${address}`;
  const server = lastStarted(dir, kind);
  if (isUp(server))
    return `${server.version} runs as process ${server.process.pid} on ${ownAddress(dir, kind)}`;
  const program = findProgram(programOf(kind), env);
  if (program === undefined) return 'not running, and not on this machine (npm run stack -- fetch)';
  return `not running; ${program.version} is ${program.root ?? program.jars ?? program.launch.file}`;
}

/** The address that the environment gives, unless it is that of our own server: then it came from `up`. */
function given(dir: string, env: NodeJS.ProcessEnv, kind: ServerKind): string | undefined {
  const address = env[ADDRESS_VARIABLES[kind]] || undefined;
  return address === ownAddress(dir, kind) ? undefined : address;
}

function ownAddress(dir: string, kind: ServerKind): string | undefined {
  const server: StandingServer | undefined = lastStarted(dir, kind);
  const port = server?.ports[0];
  return port === undefined ? undefined : addressOf(kind, port);
}
