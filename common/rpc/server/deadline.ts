import { abortAtDeadline } from '../deadline.ts';
import { TIMEOUT_MS_KEY } from '../metadata.ts';
import type { Middleware } from '../middleware.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { ServerCall } from './call.ts';

/**
 * Ends a call when its time is up or its caller goes away, also when the
 * handler never returns. Unary calls get the caller's time, `timeoutMs` at
 * most; streams have no deadline.
 */
export function deadline(timeoutMs: number): Middleware<ServerCall> {
  return async (call, next) => {
    let stopClock: (() => void) | undefined;
    if (call.route.kind === 'unary') {
      call.deadlineAt = performance.now() + timeLeft(call.metadata[TIMEOUT_MS_KEY], timeoutMs);
      stopClock = abortAtDeadline(call.cancellation, call.deadlineAt);
    }
    const { signal } = call.cancellation;
    try {
      signal.throwIfAborted();
      return await unlessAborted(next(call), signal, call.failedLate);
    } finally {
      stopClock?.();
    }
  };
}

function timeLeft(given: string | undefined, most: number): number {
  const left = Number(given ?? most);
  return Number.isNaN(left) ? most : Math.min(left, most);
}
