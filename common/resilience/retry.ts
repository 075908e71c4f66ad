import type { DescMethod } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel as Level } from '@bufbuild/protobuf/wkt';
import type { Backoff } from '../utils/wait.ts';

/** How often a call is made again at most. */
const MOST_RETRIES = 2;
/** Before a retry, in milliseconds: where an instance died, all of its callers turn to the others at the same moment. */
export const RETRY_PAUSE: Backoff = { firstMs: 20, mostMs: 100 };

/** What came of the tries of a call until now. */
export interface Tries {
  readonly method: DescMethod;
  /** The code of the last one. */
  readonly code: string;
  /** The addresses that had the call, in that order. */
  readonly tried: readonly string[];
  /** How many tries there were; one that found nobody to ask left no address. */
  readonly count: number;
}

/**
 * Whether a call that failed is made again. Only where its contract says that
 * twice is as good as once; only when its server was not there or turned it
 * down; and only as long as each try reaches somebody else: where there is
 * nobody, or but one, to ask again at once brings the same answer and more load.
 */
export function mayRetry({ method, code, tried, count }: Tries): boolean {
  return (
    code === 'UNAVAILABLE' &&
    method.idempotency !== Level.IDEMPOTENCY_UNKNOWN &&
    count <= MOST_RETRIES &&
    tried.length === count &&
    new Set(tried).size === count
  );
}
