import { ImError } from '@im/common/errors/im-error.ts';

/** A number of places for work, and a bounded queue for them. */
export interface Slots {
  /**
   * Runs `work` when a place is free, in order of arrival. Throws OVERLOADED
   * when the queue is full, CALL_CANCELLED when the signal aborts before `work`
   * began; once begun it runs to its end.
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Makes slots: `places` at once, `mostWaiting` behind them. */
export function createSlots({ places, mostWaiting }: { places: number; mostWaiting: number }): Slots {
  let free = places;
  const waiting: (() => void)[] = [];

  async function take(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw cancelled();
    if (free > 0) {
      free--;
      return;
    }
    if (waiting.length >= mostWaiting) throw new ImError('OVERLOADED', 'too much is waiting, try again');
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(cancelled());
      };
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      waiting.push(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  function release(): void {
    const next = waiting.shift();
    // The place goes on to the next in line, so that no newcomer slips in between.
    if (next) next();
    else free++;
  }

  return {
    async run(work, signal) {
      await take(signal);
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}

function cancelled(): ImError {
  return new ImError('CALL_CANCELLED', 'the caller did not wait');
}
