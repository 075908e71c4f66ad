import { Counter, type Registry } from 'prom-client';
import { ImError } from '../../errors/im-error.ts';
import { normalizeError } from '../../errors/normalize-error.ts';
import type { Shedder } from '../../resilience/shedder.ts';
import { metricOf } from '../../telemetry/metric-of.ts';
import type { Middleware } from '../middleware.ts';
import type { ServerCall } from './call.ts';

/** What refused callers are told to wait, in milliseconds. */
const RETRY_AFTER_MS = 1_000;

/**
 * Refuses unary calls that would only wait for their deadline. Streams pass:
 * their handlers bound what they take in themselves. Health is not served here,
 * so it always answers.
 */
export function shed(shedder: Shedder, metrics: Registry): Middleware<ServerCall> {
  const refusals = metricOf(metrics, 'rpc_server_shed_total', (name) => {
    const help = 'Calls refused because the event loop was busy and too many were in flight, by method.';
    return new Counter({ name, help, labelNames: ['method'], registers: [metrics] });
  });
  return async (call, next) => {
    if (call.route.kind === 'stream') return next(call);
    if (!shedder.begin()) {
      refusals.inc({ method: call.route.name });
      throw new ImError('OVERLOADED', 'too many calls at once; try again shortly', {
        retryAfterMs: String(RETRY_AFTER_MS),
      });
    }
    let passed = true;
    try {
      return await next(call);
    } catch (error) {
      passed = normalizeError(error).status !== 'DEADLINE_EXCEEDED';
      throw error;
    } finally {
      shedder.end(passed);
    }
  };
}
