import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Whether a process stands still after SIGSTOP. On a busy machine it takes a moment until every thread does, and
 * those that do not yet go on working.
 */
export function isStopped(pid: number): boolean {
  return process.platform === 'linux' ? threadStates(pid).every((state) => state === 'T') : psState(pid);
}

function threadStates(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
    // The second field is the name in brackets and may hold blanks and brackets itself.
    return stat.charAt(stat.lastIndexOf(')') + 2);
  });
}

function psState(pid: number): boolean {
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T');
}
