import { followSignal } from '../cancelled.ts';
import { abortAtDeadline, DEFAULT_TIMEOUT_MS, deadlinePassed } from '../deadline.ts';
import type { Middleware } from '../middleware.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { ClientCall } from './call.ts';

/**
 * Ends a call when its time is up or when it is not wanted any more, whatever
 * the transport does. An answer that comes later is never seen.
 */
export const deadline: Middleware<ClientCall> = async (call, next) => {
  const { options, cancellation } = call;
  const letGo: (() => void)[] = [];
  try {
    if (options.signal) letGo.push(followSignal(cancellation, options.signal));
    if (options.within) letGo.push(followSignal(cancellation, options.within.signal));
    if (call.kind === 'unary') {
      const ownDeadlineAt = performance.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      // A second try has what the first one left.
      call.deadlineAt = Math.min(
        call.deadlineAt,
        ownDeadlineAt,
        options.within?.deadlineAt ?? Number.POSITIVE_INFINITY,
      );
      letGo.push(abortAtDeadline(cancellation, call.deadlineAt));
    }
    cancellation.signal.throwIfAborted();
    const answer = await unlessAborted(next(call), cancellation.signal);
    // The timer comes late where something else kept the thread busy.
    if (performance.now() > call.deadlineAt) throw deadlinePassed();
    return answer;
  } finally {
    for (const undo of letGo) undo();
  }
};
