import { retryAfterMs } from '../errors/error-body.ts';
import type { ImError } from '../errors/im-error.ts';

/** When a refused request may be repeated, where the error does not know better. */
const RETRY_AFTER_MS = 1_000;

/** What `Retry-After` says: whole seconds, at least one; undefined for what waiting does not mend. */
export function retryAfterSeconds(error: ImError): number | undefined {
  if (error.httpStatus !== 429 && error.httpStatus !== 503) return undefined;
  return Math.max(1, Math.ceil((retryAfterMs(error) ?? RETRY_AFTER_MS) / 1_000));
}
