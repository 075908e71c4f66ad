import { parseTraceparent } from '@im/common/telemetry/traceparent.ts';
import type { TraceContext, Traces } from '@im/common/telemetry/traces.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The traces that requests begin, or continue where they bring a `traceparent`. */
export interface RequestTraces {
  begin(request: FastifyRequest, reply: FastifyReply): void;
  /** Undefined where nothing is traced. */
  of(request: FastifyRequest): TraceContext | undefined;
}

const NONE: RequestTraces = { begin() {}, of: () => undefined };

/** A span for each request, as long as its connection waits for the answer. Of what the client sent it shows what the log shows. */
export function createRequestTraces(traces: Traces | undefined): RequestTraces {
  if (traces === undefined) return NONE;
  const contexts = new WeakMap<FastifyRequest, TraceContext>();
  return {
    begin(request, reply) {
      const { traceparent } = request.headers;
      const route = request.routeOptions.url ?? 'none';
      const method = request.is404 ? 'any' : request.method;
      const span = traces.begin(`${method} ${route}`, {
        kind: 'server',
        parent: parseTraceparent(typeof traceparent === 'string' ? traceparent : undefined),
        attributes: { 'http.request.method': method, 'http.route': route, 'im.request_id': request.id },
      });
      contexts.set(request, span.context);
      reply.raw.once('close', () => {
        const { statusCode, writableFinished } = reply.raw;
        if (!writableFinished) return span.end('the client did not wait for the answer');
        span.set({ 'http.response.status_code': statusCode });
        span.end(statusCode >= 500 ? `answered ${statusCode}` : undefined);
      });
    },
    of: (request) => contexts.get(request),
  };
}
