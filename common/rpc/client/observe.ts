import { normalizeError } from '../../errors/normalize-error.ts';
import type { CallHistogram } from '../call-metrics.ts';
import type { Middleware } from '../middleware.ts';
import type { ClientCall } from './call.ts';

/** Counts every call by what the caller gets to see. */
export function observe(durations: CallHistogram): Middleware<ClientCall> {
  return async (call, next) => {
    const startedAt = performance.now();
    let code = 'OK';
    try {
      return await next(call);
    } catch (error) {
      code = normalizeError(error).status;
      throw error;
    } finally {
      durations.observe({ method: call.name, code }, (performance.now() - startedAt) / 1000);
    }
  };
}
