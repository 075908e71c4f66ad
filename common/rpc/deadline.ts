import { ImError } from '../errors/im-error.ts';

/** Of a unary call whose caller asks for nothing shorter: an answer later than this is of no use to a person waiting. */
export const DEFAULT_TIMEOUT_MS = 2_000;
/** The longest a timer can run; a larger number would make it fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The error of a call whose time is up. */
export function deadlinePassed(): ImError {
  return new ImError('DEADLINE_PASSED', 'the deadline passed before the answer was there');
}

/** Aborts `cancellation` when `deadlineAt` (on the clock of `performance.now()`) passes; returns what stops the clock. */
export function abortAtDeadline(cancellation: AbortController, deadlineAt: number): () => void {
  const left = deadlineAt - performance.now();
  if (left <= 0) {
    cancellation.abort(deadlinePassed());
    return () => {};
  }
  const timer = setTimeout(
    () => cancellation.abort(deadlinePassed()),
    Math.min(Math.ceil(left), LONGEST_TIMER_MS),
  );
  return () => clearTimeout(timer);
}
