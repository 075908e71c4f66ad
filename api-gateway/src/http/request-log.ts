import type { Logger } from '@im/common/telemetry/log.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Histogram, type Registry } from 'prom-client';
import type { RequestTraces } from './request-traces.ts';

/** Beyond it a request is worth a warning. Logging in takes some 100 ms by design. */
const SLOW_MS = 1_000;

/** What is logged where the client did not wait for the answer. */
const CLIENT_GONE = 499;

export type RequestLog = (request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Measures and logs each request at its end. Of what the client sent only the method and the pattern of the
 * route appear: addresses, headers and bodies hold secrets.
 */
export function createRequestLog(log: Logger, metrics: Registry, traces: RequestTraces): RequestLog {
  const seconds = new Histogram({
    name: 'http_server_duration_seconds',
    help: 'How long HTTP requests took, by method, route and status.',
    labelNames: ['method', 'route', 'code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [metrics],
  });
  return (request, reply) => {
    const startedAt = performance.now();
    reply.raw.once('close', () => {
      const ms = performance.now() - startedAt;
      const code = reply.raw.writableFinished ? reply.raw.statusCode : CLIENT_GONE;
      const route = request.routeOptions.url ?? 'none';
      // Any word may stand as a method; a label must not grow without bound.
      const method = request.is404 ? 'any' : request.method;
      seconds.observe({ method, route, code }, ms / 1_000);
      const trace = traces.of(request);
      const fields = {
        requestId: request.id,
        ...(trace && { traceId: trace.traceId }),
        method,
        route,
        code,
        ms: Math.round(ms),
      };
      if (code >= 500 && code !== 503) log.error(fields, 'request failed');
      else if (ms >= SLOW_MS) log.warn(fields, 'slow request');
      else log.debug(fields, 'request');
    });
  };
}
