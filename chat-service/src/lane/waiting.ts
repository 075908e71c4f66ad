import { ImError } from '@im/common/errors/im-error.ts';
import type { TraceContext } from '@im/common/telemetry/traces.ts';
import type { LogRecord } from './log-record.ts';
import type { SendGroup } from './send-group.ts';

/** A record in the lane, with whoever waits for it. Times on the clock of performance.now(). */
export interface Waiting {
  readonly record: LogRecord<unknown>;
  /** Of the record's conversation. */
  readonly partitionId: number;
  readonly deadlineAt: number;
  readonly arrivedAt: number;
  readonly group: SendGroup | undefined;
  /** Aborted when its caller has gone, who may have asked another instance since. */
  readonly signal: AbortSignal | undefined;
  /** Of whoever waits for it; undefined where nothing is traced. */
  readonly trace: TraceContext | undefined;
  /** Whoever waits for it has been told. */
  readonly answered: boolean;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What became of a record: its answer, or why it was refused. */
export type Outcome = { readonly answer: unknown } | { readonly refused: unknown };

/** Answers what must not be run any more: behind a refused one of its group, too late, or of nobody any more. True also where it was answered before. */
export function answeredBefore(each: Waiting): boolean {
  if (each.answered) return true;
  if (each.group?.refused) {
    each.reject(
      new ImError('EARLIER_SEND_REFUSED', 'a send before this one was refused; send them again in order'),
    );
    return true;
  }
  if (each.signal?.aborted) {
    each.group?.refuse();
    each.reject(new ImError('CALL_CANCELLED', 'whoever sent it has gone; send again with the same id'));
    return true;
  }
  if (each.deadlineAt <= performance.now()) {
    refuseTooLate(each);
    return true;
  }
  return false;
}

/** What became of it is unknown to its caller, who sends it again with the same id. */
export function refuseTooLate(each: Waiting): void {
  each.group?.refuse();
  each.reject(new ImError('DEADLINE_PASSED', 'it took too long; send again with the same id'));
}

/**
 * Tells each its outcome; they stand in the same order. Gives those without one
 * that are still wanted: their partition is locked by another instance.
 */
export function settle(batch: readonly Waiting[], outcomes: readonly (Outcome | undefined)[]): Waiting[] {
  return batch.filter((each, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) return !answeredBefore(each);
    if ('answer' in outcome) each.resolve(outcome.answer);
    else each.reject(outcome.refused);
    return false;
  });
}
