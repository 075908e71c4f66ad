import type { Registry } from 'prom-client';
import type { Database } from '../database/database.ts';
import { ImError } from '../errors/im-error.ts';
import type { Logger } from '../telemetry/log.ts';
import { showOutboxAge } from './outbox-age.ts';
import { startOutboxRetention } from './outbox-retention.ts';
import { markUnsent, newestUnsentVersion, unsentRows } from './outbox-store.ts';
import type { OutboxTables } from './outbox-tables.ts';
import { retryDelay } from './retry-delay.ts';
import { createSentMarks } from './sent-marks.ts';
import { createUnsentScan } from './unsent-scan.ts';

/** Topics that are sent at once; inside a topic one row after the other. */
const TOPICS_AT_ONCE = 16;

/** Rows of a topic that are read at once. */
const BATCH = 100;

/** Milliseconds between two looks for rows nobody woke the relay for: their process died after COMMIT. */
const SWEEP_MS = 1000;

/** Milliseconds between two attempts at a receiver that is away, however many are waiting for it. */
const NUDGE_MS = 200;

/** A row of the outbox as it is sent. */
export interface OutboxRow {
  readonly topic: string;
  readonly version: number;
  readonly kind: string;
  readonly payload: Uint8Array;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface RelayOptions<S extends OutboxTables> {
  database: Database<S>;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Logger;
  metrics: Registry;
  /**
   * Hands one row over and returns when the receiver has it for good. A row may
   * come again; the receiver tells by topic and version. An ImError that is
   * UNAVAILABLE holds up all topics, any other error its own topic.
   */
  send: (row: OutboxRow) => Promise<void>;
}

/** Sends what the outbox holds: in order per topic, until it has been taken, across restarts. */
export interface Relay {
  /** To be called after a COMMIT that appended to the outbox. */
  wake(): void;
  /**
   * Waits until everything of these topics that was committed before the call
   * has been sent. False after `timeoutMs`, or when the relay closes. Never throws.
   */
  flush(topics: string[], timeoutMs: number): Promise<boolean>;
  /** Ends the sends under way and takes no new ones. Flushes still waiting give false. */
  close(): Promise<void>;
}

interface Waiter {
  readonly version: number;
  readonly done: (sent: boolean) => void;
}

interface Topic {
  phase: 'ready' | 'sending' | 'resting';
  /** Something may have been committed since the rows were read. */
  again: boolean;
  sentUpTo: number;
  failures: number;
  readonly waiters: Set<Waiter>;
}

/** Starts the relay; rows left by an earlier run are found at once. */
export function startRelay<S extends OutboxTables>(options: RelayOptions<S>): Relay {
  const { now, log, metrics, send } = options;
  const database = options.database as unknown as Database<OutboxTables>;
  /** Every topic known to have unsent rows. */
  const topics = new Map<string, Topic>();
  const ready: string[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const sending = new Set<Promise<void>>();
  /** The receiver is away: failures in a row, and the timer before the next attempt. */
  const away = { failures: 0, lastAt: 0, timer: undefined as NodeJS.Timeout | undefined };
  let closed = false;

  const marks = createSentMarks(database, now, log);
  const scan = createUnsentScan(database, log, { found: meet, known: () => topics.size });
  const stopRetention = startOutboxRetention(database, now, log);
  const hideAge = showOutboxAge(metrics, database, now);
  const sweep = setInterval(() => scan.wake(), SWEEP_MS).unref();

  function meet(name: string): Topic {
    let topic = topics.get(name);
    if (topic === undefined) {
      topic = { phase: 'ready', again: false, sentUpTo: 0, failures: 0, waiters: new Set() };
      topics.set(name, topic);
      ready.push(name);
      startReady();
    } else if (topic.phase === 'sending') topic.again = true;
    return topic;
  }

  function startReady(): void {
    // While the receiver is away one topic at a time tries.
    const most = () => (away.failures > 0 ? 1 : TOPICS_AT_ONCE);
    while (!closed && away.timer === undefined && sending.size < most()) {
      const name = ready.shift();
      if (name === undefined) return;
      const topic = topics.get(name)!;
      topic.phase = 'sending';
      const run = sendTopic(name, topic).finally(() => {
        sending.delete(run);
        startReady();
      });
      sending.add(run);
    }
  }

  /** Never throws. */
  async function sendTopic(name: string, topic: Topic): Promise<void> {
    try {
      do {
        topic.again = false;
        await sendUnsent(name, topic);
      } while (topic.again && !closed);
    } catch (error) {
      if (closed) return;
      if (error instanceof ImError && error.status === 'UNAVAILABLE') holdAll(name, topic, error);
      else await rest(name, topic, error);
      return;
    }
    if (closed) return;
    for (const { done } of topic.waiters) done(true);
    topics.delete(name);
    scan.oneLess();
  }

  async function sendUnsent(name: string, topic: Topic): Promise<void> {
    for (let more = true; more && !closed; ) {
      const rows = await unsentRows(database.read, name, topic.sentUpTo, BATCH);
      more = rows.length === BATCH;
      const before = topic.sentUpTo;
      try {
        for (const row of rows) {
          if (closed) break;
          away.lastAt = performance.now();
          await send(row);
          sent(topic, row.version);
        }
      } finally {
        if (topic.sentUpTo > before) await marks.mark(name, topic.sentUpTo);
      }
    }
  }

  function sent(topic: Topic, version: number): void {
    topic.sentUpTo = version;
    topic.failures = 0;
    for (const waiter of topic.waiters) if (waiter.version <= version) waiter.done(true);
    if (away.failures === 0) return;
    away.failures = 0;
    clearTimeout(away.timer);
    away.timer = undefined;
    startReady();
  }

  function holdAll(name: string, topic: Topic, error: ImError): void {
    topic.phase = 'ready';
    ready.push(name); // not first: its trouble may be its own
    if (away.timer !== undefined) return; // another topic of the same round was first
    away.failures++;
    const delayMs = retryDelay(away.failures);
    log.warn({ err: error, topic: name, delayMs }, 'the receiver of the outbox is away; it is tried again');
    away.timer = setTimeout(tryReceiver, delayMs).unref();
  }

  function tryReceiver(): void {
    clearTimeout(away.timer);
    away.timer = undefined;
    startReady();
  }

  async function rest(name: string, topic: Topic, error: unknown): Promise<void> {
    topic.failures++;
    const delayMs = retryDelay(topic.failures);
    log.warn({ err: error, topic: name, delayMs }, 'an outbox row could not be sent; it is tried again');
    if (error instanceof ImError && error.reason === 'VERSION_GAP') await stepBack(name, topic, error);
    topic.phase = 'resting';
    const timer = setTimeout(() => {
      timers.delete(timer);
      topic.phase = 'ready';
      ready.push(name);
      startReady();
    }, delayMs).unref();
    timers.add(timer);
  }

  /** The receiver came back from a backup and lacks rows it once had; those still kept are sent again. */
  async function stepBack(name: string, topic: Topic, error: ImError): Promise<void> {
    const from = Number(error.metadata.expected ?? 1) || 1;
    try {
      await database.transaction((trx) => markUnsent(trx, name, from));
      topic.sentUpTo = from - 1;
    } catch (cause) {
      log.warn({ err: cause, topic: name }, 'outbox rows could not be taken up again');
    }
  }

  async function waitFor(name: string, waiting: AbortSignal): Promise<boolean> {
    const version = await newestUnsentVersion(database.read, name);
    if (version === undefined) return true;
    if (waiting.aborted || closed) return false;
    const topic = meet(name);
    if (topic.sentUpTo >= version) return true;
    if (away.timer !== undefined && performance.now() - away.lastAt >= NUDGE_MS) tryReceiver();
    return new Promise((resolve) => {
      const giveUp = () => waiter.done(false);
      const waiter: Waiter = {
        version,
        done(result) {
          topic.waiters.delete(waiter);
          waiting.removeEventListener('abort', giveUp);
          resolve(result);
        },
      };
      topic.waiters.add(waiter);
      waiting.addEventListener('abort', giveUp, { once: true });
    });
  }

  async function flush(names: string[], timeoutMs: number): Promise<boolean> {
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), timeoutMs);
    try {
      const results = await Promise.all([...new Set(names)].map((name) => waitFor(name, waiting.signal)));
      return results.every((result) => result);
    } catch (error) {
      log.warn({ err: error }, 'the outbox could not be read');
      return false;
    } finally {
      clearTimeout(timer);
      waiting.abort();
    }
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    hideAge();
    marks.stop();
    clearInterval(sweep);
    clearTimeout(away.timer);
    for (const timer of timers) clearTimeout(timer);
    for (const { waiters } of topics.values()) for (const { done } of waiters) done(false);
    await Promise.all([...sending, scan.close(), stopRetention()]);
  }

  scan.wake();
  return { wake: scan.wake, flush, close };
}
