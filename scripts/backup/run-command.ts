import { describeError } from '@im/common/errors/describe-error.ts';
import { UsageError } from './read-flags.ts';

/** Runs a command and leaves with 0; what it throws becomes one line on stderr and exit code 1. */
export async function runCommand(usage: string, command: () => Promise<void>): Promise<never> {
  try {
    await command();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n${error instanceof UsageError ? `\n${usage}` : ''}`);
    process.exit(1);
  }
  process.exit(0);
}

/** A number of bytes for people. */
export function sizeOf(bytes: number): string {
  const [unit, divisor] = bytes < 1024 * 1024 ? ['KiB', 1024] : ['MiB', 1024 * 1024];
  return `${(bytes / Number(divisor)).toFixed(1)} ${unit}`;
}
