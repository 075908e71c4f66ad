/** How long a clean stop may take before the process leaves anyway, in milliseconds. */
const STOP_BOUND_MS = 10_000;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Runs a program until it is told to leave. SIGTERM or SIGINT stops it and
 * exits with 0; a second signal, or a stop that takes longer than 10 s, exits
 * with 1. What `start` throws becomes one line on stderr and exit code 1.
 */
export async function runMain(start: () => Promise<{ stop(): Promise<void> }>): Promise<void> {
  const told = Promise.withResolvers<void>();
  let signals = 0;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (++signals > 1) leaveNow(`${signal} again: leaving without a clean stop`);
      // Not unref'ed: a start or stop that hangs must not outlive the bound.
      setTimeout(() => leaveNow('the clean stop took longer than 10 s'), STOP_BOUND_MS);
      told.resolve();
    });
  }
  try {
    const running = await start();
    await told.promise;
    await running.stop();
  } catch (error) {
    leaveNow(oneLine(error));
  }
  process.exit(0);
}

/** An error as a person at a terminal should read it: one line, no stack. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s*\n\s*/g, ' ');
}

function leaveNow(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
