import { isUnexpected, normalizeError } from '../../errors/normalize-error.ts';
import type { CallHistogram } from '../call-metrics.ts';
import type { Middleware } from '../middleware.ts';
import type { ServerCall } from './call.ts';

/** Counts every call, warns of unary ones slower than `slowCallMs`, and logs what nobody foresaw with its stack. */
export function observe(durations: CallHistogram, slowCallMs: number): Middleware<ServerCall> {
  return async (call, next) => {
    const startedAt = performance.now();
    let code = 'OK';
    try {
      return await next(call);
    } catch (error) {
      const { status, reason } = normalizeError(error);
      code = status;
      if (isUnexpected(error)) call.log.error({ err: error }, 'a call failed unexpectedly');
      else call.log.debug({ reason }, 'a call was refused');
      throw error;
    } finally {
      const durationMs = performance.now() - startedAt;
      durations.observe({ method: call.route.name, code }, durationMs / 1000);
      if (durationMs > slowCallMs && call.route.kind === 'unary')
        call.log.warn({ code, durationMs: Math.round(durationMs) }, 'a slow call');
    }
  };
}
