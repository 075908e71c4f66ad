import type { Database } from '../database/database.ts';
import type { Logger } from '../telemetry/log.ts';
import { nextUnsentTopic } from './outbox-store.ts';
import type { OutboxTables } from './outbox-tables.ts';
import { retryDelay } from './retry-delay.ts';

/** Topics kept in memory; a longer backlog is taken up as these get done. */
const MOST_KNOWN = 10_000;

/**
 * Milliseconds of rest a scan is followed by for each topic it found, about ten
 * times what finding one takes: with a backlog, waking for each commit stays cheap.
 */
const REST_MS = 0.2;

/** Topics found that call for no rest. */
const FEW = 100;

/** Looks through the database for topics with unsent rows. */
export interface UnsentScan {
  /** Something was committed. */
  wake(): void;
  /** A known topic is done, so that there may be room for another. */
  oneLess(): void;
  close(): Promise<void>;
}

export interface UnsentScanOptions {
  /** Called for every topic with unsent rows, known or not. */
  found: (topic: string) => void;
  /** How many topics are known. */
  known: () => number;
}

export function createUnsentScan(
  database: Database<OutboxTables>,
  log: Logger,
  options: UnsentScanOptions,
): UnsentScan {
  let wanted = false;
  let full = false;
  let closed = false;
  let running: Promise<void> | undefined;
  let pause: NodeJS.Timeout | undefined;
  let failures = 0;

  function wake(): void {
    wanted = true;
    if (closed || running !== undefined || pause !== undefined) return;
    running = scan().finally(() => {
      running = undefined;
      if (wanted && pause === undefined) wake();
    });
  }

  /** Never throws. */
  async function scan(): Promise<void> {
    wanted = false;
    try {
      const topics = await walk();
      failures = 0;
      if (topics > FEW) wait(topics * REST_MS);
    } catch (error) {
      if (closed) return;
      log.warn({ err: error }, 'the outbox could not be read; it is tried again');
      wanted = true;
      wait(retryDelay(++failures));
    }
  }

  /** Gives the number of topics found. */
  async function walk(): Promise<number> {
    full = false;
    let topics = 0;
    for (let after = ''; !closed; topics++) {
      if (options.known() >= MOST_KNOWN) {
        full = true;
        break;
      }
      const topic = await nextUnsentTopic(database.read, after);
      if (topic === undefined) break;
      options.found(topic);
      after = topic;
    }
    return topics;
  }

  function wait(ms: number): void {
    if (closed) return;
    pause = setTimeout(() => {
      pause = undefined;
      if (wanted) wake();
    }, ms).unref();
  }

  return {
    wake,
    oneLess() {
      if (full && options.known() <= MOST_KNOWN / 2) wake();
    },
    async close() {
      closed = true;
      clearTimeout(pause);
      await running;
    },
  };
}
