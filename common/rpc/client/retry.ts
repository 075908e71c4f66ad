import { Counter, type Registry } from 'prom-client';
import { normalizeError } from '../../errors/normalize-error.ts';
import { mayRetry, RETRY_PAUSE } from '../../resilience/retry.ts';
import { metricOf } from '../../telemetry/metric-of.ts';
import { backoffMs, delay } from '../../utils/wait.ts';
import type { Middleware } from '../middleware.ts';
import type { ClientCall } from './call.ts';

/** Makes idempotent calls again, elsewhere, within the deadline of the first try. */
export function retry(metrics: Registry): Middleware<ClientCall> {
  const retries = metricOf(metrics, 'rpc_client_retries_total', (name) => {
    const help = 'Calls made once more on another instance because one was away or refused them, by method.';
    return new Counter({ name, help, labelNames: ['method'], registers: [metrics] });
  });
  return async (call, next) => {
    if (call.kind === 'stream' || call.options.instance !== undefined) return next(call);
    for (let count = 1; ; count += 1) {
      try {
        return await next(call);
      } catch (error) {
        const { status } = normalizeError(error);
        if (!mayRetry({ method: call.method, code: status, tried: call.tried, count })) throw error;
        const pauseMs = backoffMs(count - 1, RETRY_PAUSE);
        if (performance.now() + pauseMs >= call.deadlineAt) throw error;
        await delay(pauseMs);
        retries.inc({ method: call.name });
      }
    }
  };
}
