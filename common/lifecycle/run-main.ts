import { describeError } from '../errors/describe-error.ts';

/** How long a clean stop may take before the process leaves anyway, in milliseconds. */
const STOP_BOUND_MS = 10_000;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Runs a program until it is told to leave. SIGTERM or SIGINT stops it and
 * exits with 0; a second signal, or a stop that takes longer than 10 s, exits
 * with 1. What `start` throws becomes one line on stderr and exit code 1.
 *
 * `start` is given a signal that aborts when the program is told to leave, so
 * that one which still waits for something gives up; what it then throws is no
 * failure.
 */
export async function runMain(
  start: (leaving: AbortSignal) => Promise<{ stop(): Promise<void> }>,
): Promise<void> {
  const told = Promise.withResolvers<void>();
  const leaving = new AbortController();
  let signals = 0;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (++signals > 1) leaveNow(`${signal} again: leaving without a clean stop`);
      // Not unref'ed: a start or stop that hangs must not outlive the bound.
      setTimeout(() => leaveNow('the clean stop took longer than 10 s'), STOP_BOUND_MS);
      leaving.abort(new Error(`told to leave by ${signal}`));
      told.resolve();
    });
  }
  try {
    const running = await startUnlessLeaving(start, leaving.signal);
    await told.promise;
    await running?.stop();
  } catch (error) {
    leaveNow(describeError(error));
  }
  process.exit(0);
}

async function startUnlessLeaving<Running>(
  start: (leaving: AbortSignal) => Promise<Running>,
  leaving: AbortSignal,
): Promise<Running | undefined> {
  try {
    return await start(leaving);
  } catch (error) {
    if (error === leaving.reason) return undefined;
    throw error;
  }
}

function leaveNow(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
