import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** A program with all that it is started with. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
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

/** Kills the process group $1 when its input ends without a line, then removes the folder $2 and, if empty, the one it is in. */
const WATCH = `read -r word && exit 0
kill -s KILL -- "-$1"
[ -n "$2" ] || exit 0
tries=0
while [ "$tries" -lt 40 ] && kill -s 0 -- "-$1"; do sleep 0.05; tries=$((tries + 1)); done
rm -rf -- "$2"
rmdir -- "$(dirname -- "$2")"`;

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
    env: { ...process.env, ...command.env },
  });
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) throw new Error('/bin/sh cannot be started');
  // A process that ended while it waited shows in its exit, not here.
  child.stdin?.on('error', () => {});
  child.unref();
  return { child, pid, go: () => void child.stdin?.end('go\n') };
}

/**
 * Kills the process group `pid` when this process ends, in whatever way, and
 * removes `folder` then. Gives what calls the watchdog off, at the latest when
 * the process has ended: its number may be another's later.
 */
export function watch(pid: number, folder = ''): () => void {
  const watchdog = spawn('/bin/sh', ['-c', WATCH, 'sh', String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  if (watchdog.pid === undefined) throw new Error('/bin/sh cannot be started');
  const input = watchdog.stdin;
  input.on('error', () => {});
  // Neither keeps this process alive: its end is what they wait for.
  watchdog.unref();
  (input as unknown as { unref?(): void }).unref?.();
  return () => void input.end('off\n');
}
