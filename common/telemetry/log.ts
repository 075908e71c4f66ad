import { type Logger, pino } from 'pino';
import { z } from 'zod';

export type { Logger };

/** The part of a settings file that says how much is logged. */
export const logConfig = z
  .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info') })
  .prefault({});

export type LogOptions = z.output<typeof logConfig>;

/** JSON lines on stderr, so that what a command prints on stdout stays its own. */
export function createLogger(options: LogOptions): Logger {
  return pino(
    { level: options.level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
