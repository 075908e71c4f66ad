import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database/database.ts';
import type { Logger } from '../telemetry/log.ts';
import { markSent } from './outbox-store.ts';
import type { OutboxTables } from './outbox-tables.ts';
import { retryDelay } from './retry-delay.ts';

/** Notes in the database what has been sent; marks that come while one transaction runs share the next. */
export interface SentMarks {
  /** Returns once it is noted, or given up because of `stop`. Never throws. */
  mark(topic: string, upTo: number): Promise<void>;
  /** From now on a mark that cannot be written is given up: its rows are sent again after the next start. */
  stop(): void;
}

interface Pending {
  upTo: number;
  readonly done: (() => void)[];
}

export function createSentMarks(database: Database<OutboxTables>, now: () => number, log: Logger): SentMarks {
  const stopped = new AbortController();
  let pending = new Map<string, Pending>();
  let writing = false;

  async function write(): Promise<void> {
    if (writing) return;
    writing = true;
    for (let failures = 0; pending.size > 0; ) {
      const batch = pending;
      pending = new Map();
      try {
        await database.transaction(async (trx) => {
          for (const [topic, { upTo }] of batch) await markSent(trx, topic, upTo, now());
        });
        failures = 0;
      } catch (error) {
        log.warn({ err: error }, 'what the outbox has sent could not be noted');
        if (!stopped.signal.aborted) {
          for (const [topic, { upTo, done }] of batch) add(topic, upTo, done);
          failures++;
          await sleep(retryDelay(failures), undefined, { signal: stopped.signal, ref: false }).catch(
            () => {},
          );
          continue;
        }
      }
      for (const { done } of batch.values()) for (const resolve of done) resolve();
    }
    writing = false;
  }

  function add(topic: string, upTo: number, done: (() => void)[]): void {
    const present = pending.get(topic);
    if (present === undefined) pending.set(topic, { upTo, done: [...done] });
    else {
      present.upTo = Math.max(present.upTo, upTo);
      present.done.push(...done);
    }
  }

  return {
    mark(topic, upTo) {
      return new Promise((resolve) => {
        add(topic, upTo, [resolve]);
        void write();
      });
    },
    stop: () => stopped.abort(),
  };
}
