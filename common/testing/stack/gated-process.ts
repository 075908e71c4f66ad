import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';

/** A program with all that it is started with. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** `env` is all it gets. */
  readonly bare?: boolean;
}

/** A process that exists, with its number, and runs its program only when told to. */
export interface GatedProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Lets it run its program. Without this it ends when the caller does, by itself. */
  go(): void;
}

/** Waits for a line; at the end of its input, which comes with the end of the caller, it leaves. */
const WAIT_THEN_RUN = 'read -r word && exec "$@" </dev/null';

/** When its input ends without a line: kills the process group $1, if any, removes the folder $2, if any, and runs the rest. */
const WATCH = `read -r word && exit 0
if [ -n "$1" ]; then
  kill -s KILL -- "-$1"
  tries=0
  while [ "$tries" -lt 40 ] && kill -s 0 -- "-$1"; do sleep 0.05; tries=$((tries + 1)); done
fi
[ -z "$2" ] || rm -rf -- "$2"
shift 2
"$@"`;

/**
 * Makes the process in a group and a session of its own (no Ctrl-C of a
 * terminal reaches it), its output appended to `logFile`. So there is time to
 * note its number, or to set a watchdog on it, before anything runs: no moment
 * in which the caller may die and leave a server that nobody knows.
 */
export function spawnGated(command: Command, cwd: string, logFile: string): GatedProcess {
  const log = openSync(logFile, 'a');
  const child = spawn('/bin/sh', ['-c', WAIT_THEN_RUN, 'sh', command.file, ...command.args], {
    cwd,
    detached: true,
    stdio: ['pipe', log, log],
    env: command.bare ? command.env : { ...process.env, ...command.env },
  });
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) throw new Error('/bin/sh cannot be started');
  // A process that ended while it waited shows in its exit, not here.
  child.stdin?.on('error', () => {});
  child.unref();
  return { child, pid, go: () => void child.stdin?.end('go\n') };
}

export interface AtTheEnd {
  /** The process group that is killed. */
  readonly kill?: number;
  /** The folder that is removed. */
  readonly remove?: string;
  /** What is run last. */
  readonly run?: Command;
}

/**
 * Does that when this process ends, in whatever way. Gives what calls the
 * watchdog off, at the latest when the process to be killed has ended: its number
 * may be another's later.
 */
export function atTheEnd({ kill, remove = '', run }: AtTheEnd): () => void {
  const last = run === undefined ? [] : [run.file, ...run.args];
  const watchdog = spawn('/bin/sh', ['-c', WATCH, 'sh', String(kill ?? ''), remove, ...last], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  if (watchdog.pid === undefined) throw new Error('/bin/sh cannot be started');
  const input = watchdog.stdin;
  input.on('error', () => {});
  // Neither keeps this process alive: its end is what they wait for.
  watchdog.unref();
  (input as Partial<Socket>).unref?.();
  return () => void input.end('off\n');
}
