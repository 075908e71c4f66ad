import type { AuthContext } from '../context.ts';

export interface Sweeper {
  close(): Promise<void>;
}

/** Clears away, now and then, the sessions and revocations that need not be kept any longer. */
export function startSweeper({ sessions, config, now, log }: AuthContext): Sweeper {
  let sweeping: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function sweep(): Promise<void> {
    await sessions.sweep(now()).catch((error: unknown) => log.error({ err: error }, 'the sweep failed'));
    schedule();
  }

  function schedule(): void {
    if (closed) return;
    timer = setTimeout(() => {
      sweeping = sweep();
    }, config.sweepSeconds * 1_000);
  }
  schedule();

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}
