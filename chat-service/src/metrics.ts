import { ImError } from '@im/common/errors/im-error.ts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const BATCH_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5];

/** What the send path counts. */
export interface LogMetrics {
  /** A record was answered; a repeat of one that was stored counts as any other. */
  answered(): void;
  refused(error: unknown): void;
  /** A transaction with so many records was committed. */
  committed(records: number, milliseconds: number): void;
  /** A transaction was not, or may not have been. */
  failed(): void;
}

/** What is asked for when it is scraped. */
export interface LogGauges {
  /** How long the oldest record that nobody has been answered waits, in milliseconds; 0 where none waits. */
  oldestWaitingMs(): number;
  /** Changes in the store that the bus is not known to have. */
  unpublishedChanges(): number;
}

export function createLogMetrics(registry: Registry): LogMetrics {
  const registers = [registry];
  // Counted here and shown when scraped: a labelled counter costs more than the rest of a record's bookkeeping.
  const results = new Map<string, number>();
  const count = (result: string) => results.set(result, (results.get(result) ?? 0) + 1);
  new Counter({
    name: 'im_log_records_total',
    help: 'Records that were to be written to a conversation, by what their callers were told.',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      for (const [result, total] of results) this.inc({ result }, total);
    },
  });
  const sizes = new Histogram({
    name: 'im_log_batch_records',
    help: 'Records in a committed transaction.',
    buckets: BATCH_SIZES,
    registers,
  });
  const seconds = new Histogram({
    name: 'im_log_batch_seconds',
    help: 'Time of a committed transaction, the wait for its connection and its locks included.',
    buckets: BATCH_SECONDS,
    registers,
  });
  const failures = new Counter({
    name: 'im_log_store_errors_total',
    help: 'Transactions that failed, or whose COMMIT was not answered.',
    registers,
  });
  return {
    answered: () => count('answered'),
    refused: (error) => count(error instanceof ImError ? error.reason : 'INTERNAL_ERROR'),
    committed(records, milliseconds) {
      sizes.observe(records);
      seconds.observe(milliseconds / 1_000);
    },
    failed: () => failures.inc(),
  };
}

export function showLogGauges(registry: Registry, gauges: LogGauges): void {
  const registers = [registry];
  new Gauge({
    name: 'im_log_oldest_waiting_seconds',
    help: 'How long the oldest unanswered record waits.',
    registers,
    collect() {
      this.set(gauges.oldestWaitingMs() / 1_000);
    },
  });
  new Gauge({
    name: 'im_log_unpublished_changes',
    help: 'Changes in the store that the bus is not known to have, as of the last look.',
    registers,
    collect() {
      this.set(gauges.unpublishedChanges());
    },
  });
}
