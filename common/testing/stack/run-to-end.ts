import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { atTheEnd, type Command, spawnGated } from './gated-process.ts';

/** How much of a failed program's output is repeated. */
const LAST_LINES = 20;

/**
 * Runs a program in `cwd` until it ends by itself; throws with its last lines when it
 * fails, and when it takes more than `ms` milliseconds.
 */
export async function runToEnd(command: Command, cwd: string, ms: number): Promise<void> {
  const logFile = join(cwd, 'run.log');
  const { child, pid, go } = spawnGated(command, cwd, logFile);
  const callOff = atTheEnd({ kill: pid });
  const ended = once(child, 'exit');
  const timer = setTimeout(() => process.kill(-pid, 'SIGKILL'), ms);
  go();
  const [code, signal] = await ended;
  clearTimeout(timer);
  callOff();
  if (code !== 0) throw new Error(`${command.file} ended with ${code ?? signal}:\n${lastLines(logFile)}`);
}

export function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  } catch {
    return '(it wrote nothing)';
  }
}
