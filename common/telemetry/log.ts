import { type Logger, pino } from 'pino';

export type { Logger };

export interface LogOptions {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** JSON lines on stderr, so that what a command prints on stdout stays its own. */
export function createLogger(options: LogOptions): Logger {
  return pino(
    { level: options.level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
