import type { Logger } from '../telemetry/log.ts';

/** A part of a process. Parts are declared once, in start order; they stop in the reverse. */
export interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop?(): Promise<void>;
}

export interface StartedParts {
  /** Stops what was started, the last one first. A part that fails to stop is logged and does not keep the others. */
  stop(): Promise<void>;
}

/** Starts the parts one after another. When one fails, those before it are stopped and its error is thrown. */
export async function startInOrder(parts: readonly Part[], log: Logger): Promise<StartedParts> {
  const started: Part[] = [];
  const stop = async () => {
    for (let part = started.pop(); part !== undefined; part = started.pop()) {
      try {
        await part.stop?.();
      } catch (error) {
        log.error({ err: error, part: part.name }, 'could not stop cleanly');
      }
    }
  };
  for (const part of parts) {
    try {
      await part.start();
    } catch (error) {
      await stop();
      throw error;
    }
    started.push(part);
  }
  return { stop };
}
