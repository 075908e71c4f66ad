import { ImError } from '../errors/im-error.ts';

/** The error of a call whose caller went away. */
export function callCancelled(): ImError {
  return new ImError('CALL_CANCELLED', 'the call was cancelled');
}

/**
 * Aborts `cancellation` when `signal` does, with its reason where that is an
 * ImError, else with `otherwise`; returns what lets go of the signal.
 */
export function followSignal(
  cancellation: AbortController,
  signal: AbortSignal,
  otherwise: () => ImError = callCancelled,
): () => void {
  const abort = () => cancellation.abort(signal.reason instanceof ImError ? signal.reason : otherwise());
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}
