import { isTransient } from '../database/errors.ts';
import { ImError } from './im-error.ts';

/**
 * The error a caller may see for anything that was thrown. An ImError passes
 * as it is, an aborted operation is CALL_CANCELLED, a database that cannot do it
 * now (full disk, lost connection, lock) is STORE_AWAY, and everything else is
 * INTERNAL_ERROR without a word of what it was.
 */
export function normalizeError(error: unknown): ImError {
  if (error instanceof ImError) return error;
  if (isAbort(error)) return new ImError('CALL_CANCELLED', 'the call was cancelled');
  if (isTransient(error)) return new ImError('STORE_AWAY', 'the store cannot do this now; try again later');
  return new ImError('INTERNAL_ERROR', 'internal error');
}

/** Whether an error was not meant for callers, so that only the log may say what it was. */
export function isUnexpected(error: unknown): boolean {
  return !(error instanceof ImError) && !isAbort(error);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
