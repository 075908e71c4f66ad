import { once } from 'node:events';
import { within } from '../../utils/wait.ts';
import { untilTrue } from '../until-true.ts';
import { type Container, removeContainer, signalContainer } from './container.ts';
import { atTheEnd, type Command, spawnGated } from './gated-process.ts';
import { isStopped } from './stopped.ts';

/** Milliseconds a clean end may take before the server is killed. */
const STOP_MS = 20_000;

/** One run of a server, from its start to its end. */
export interface Life {
  readonly pid: number;
  readonly hasEnded: boolean;
  /** To all processes of the server; nothing where it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** SIGSTOP; resolves when it stands still. */
  pause(): Promise<void>;
  /** Ends it, paused or not; by SIGKILL when it takes too long. Resolves when it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export interface Belongings {
  /** A folder that goes when this process ends without having ended the server; then nothing writes there any more. */
  readonly temporary?: string;
  /** Where the command only attends to a container: that one gets the signals. */
  readonly container?: Container;
}

/** Begins one; it ends with this process, however that ends. */
export function beginLife(
  command: Command,
  dir: string,
  logFile: string,
  { temporary, container }: Belongings,
): Life {
  const { child, pid, go } = spawnGated(command, dir, logFile);
  const callOff = atTheEnd({ kill: pid, remove: temporary, run: container && removeContainer(container) });
  const ended = once(child, 'exit').then(callOff);
  go();

  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  function signal(name: NodeJS.Signals): void {
    // Its number may be another's once it has ended.
    if (hasEnded()) return;
    if (container === undefined) process.kill(-pid, name);
    else signalContainer(container, name);
  }
  return {
    pid,
    get hasEnded() {
      return hasEnded();
    },
    signal,
    async pause() {
      signal('SIGSTOP');
      if (container === undefined) await untilTrue(() => hasEnded() || isStopped(pid));
    },
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
