import { once } from 'node:events';
import { within } from '../../utils/wait.ts';
import { type Command, spawnGated, watch } from './gated-process.ts';

/** Milliseconds a clean end may take before the server is killed. */
const STOP_MS = 20_000;

/** One run of a server, from its start to its end. */
export interface Life {
  readonly pid: number;
  readonly hasEnded: boolean;
  /** To all processes of the server; nothing where it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it, paused or not; by SIGKILL when it takes too long. Resolves when it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Begins one; it ends with this process, and then `temporary` is removed, if given. */
export function beginLife(command: Command, dir: string, logFile: string, temporary?: string): Life {
  const { child, pid, go } = spawnGated(command, dir, logFile);
  const callOff = watch(pid, temporary);
  const ended = once(child, 'exit').then(callOff);
  go();

  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  function signal(name: NodeJS.Signals): void {
    // Its number may be another's once it has ended.
    if (!hasEnded()) process.kill(-pid, name);
  }
  return {
    pid,
    get hasEnded() {
      return hasEnded();
    },
    signal,
    async end(name) {
      signal(name);
      // A paused process takes no signal but SIGKILL.
      signal('SIGCONT');
      const gone = await within(
        ended.then(() => true),
        STOP_MS,
      );
      if (!gone) signal('SIGKILL');
      await ended;
    },
  };
}
