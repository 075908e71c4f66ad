import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { lastLines } from '@im/common/testing/stack/run-to-end.ts';
import { delay } from '@im/common/utils/wait.ts';
import type { ComposeService } from './compose-file.ts';

/** Milliseconds between two checks: oftener than the file says, since somebody waits. */
const LOOK_EVERY_MS = 500;
/** Milliseconds that are given at least: everything starts at once here. */
const LEAST_PATIENCE_MS = 120_000;

export interface Checked {
  readonly name: string;
  readonly healthcheck: ComposeService['healthcheck'];
  /** The check's command in terms of this machine, without CMD or CMD-SHELL. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  hasEnded(): boolean;
}

/** Runs the health check until it succeeds. Throws with what the check and the service wrote when that takes too long or the service ends. */
export async function untilHealthy(checked: Checked, signal: AbortSignal): Promise<void> {
  const { name, healthcheck, command, env, cwd, logFile } = checked;
  const { interval, timeout, retries, start_period } = healthcheck;
  const patience = Math.max(LEAST_PATIENCE_MS, start_period + retries * (interval + timeout));
  const [file = '', ...args] = command;
  for (const giveUpAt = performance.now() + patience; ; await delay(LOOK_EVERY_MS, signal)) {
    signal.throwIfAborted();
    try {
      // Slower than in the container, where not everything starts at once.
      await promisify(execFile)(file, args, { env, cwd, timeout: timeout * 3 });
      if (!checked.hasEnded()) return;
    } catch (error) {
      const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
      const said = `${stdout}${stderr}`.trim() || message;
      if (!checked.hasEnded() && performance.now() < giveUpAt) continue;
      if (!checked.hasEnded()) throw new Error(`${name} is not healthy: ${said}\n${lastLines(logFile)}`);
    }
    throw new Error(`${name} ended while it started. It wrote:\n${lastLines(logFile)}`);
  }
}

/** The command of a check: CMD is run as it stands, CMD-SHELL by a shell. */
export function checkCommand(test: readonly string[], translate: (text: string) => string): string[] {
  const [how, ...rest] = test;
  if (how === 'CMD') return rest.map(translate);
  if (how === 'CMD-SHELL' && rest.length === 1) return ['/bin/sh', '-c', ...rest.map(translate)];
  throw new Error(`a health check must be CMD with its words or CMD-SHELL with one line, not ${how}`);
}
