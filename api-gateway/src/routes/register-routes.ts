import { type Message, toJson } from '@bufbuild/protobuf';
import type { CallOptions } from '@im/common/rpc/types.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerJson } from '../http/answer.ts';
import { clientAddress } from '../http/client-address.ts';
import { clientGoneSignal } from '../http/client-gone.ts';
import type { RequestLimits } from '../http/request-limits.ts';
import type { RequestTraces } from '../http/request-traces.ts';
import type { Identify } from '../identity/identify.ts';
import { requestMessage } from '../requests/request-message.ts';
import type { HttpRoute } from './http-route.ts';
import { unspecifiedRemover } from './without-unspecified.ts';

/** Calls a method of a contract. Fails with ImError only. */
export type CallRpc = (route: HttpRoute, request: Message, options: CallOptions) => Promise<Message>;

export interface RouteParts {
  readonly limits: RequestLimits;
  readonly identify: Identify;
  readonly call: CallRpc;
  readonly traces: RequestTraces;
  /** Milliseconds for the call behind a request. */
  readonly timeoutMs: number;
}

/** Serves each route: how often, who asks, what is asked, the call, its answer. */
export function registerRoutes(app: FastifyInstance, routes: readonly HttpRoute[], parts: RouteParts): void {
  const calls = new WeakMap<FastifyRequest, CallOptions>();
  for (const route of routes) {
    const removeUnspecified = unspecifiedRemover(route.rpc.output);
    app.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      // Before the body is read, so that nobody unknown can make the server read a large one.
      onRequest: async (request, reply) => {
        const options = callOptions(request, reply, parts.traces);
        await parts.limits.byAddress(options.clientAddress);
        const speakFor = route.access.public ? undefined : await parts.identify(request.headers, options);
        await parts.limits.byCaller(speakFor);
        calls.set(request, { ...options, timeoutMs: parts.timeoutMs, ...(speakFor && { speakFor }) });
      },
      handler: async (request, reply) => {
        const message = requestMessage(route, {
          params: request.params as Record<string, string>,
          search: request.url.split('?').slice(1).join('?'),
          body: request.body,
        });
        const answer = await parts.call(route, message, calls.get(request)!);
        const json = toJson(route.rpc.output, answer, { alwaysEmitImplicit: true });
        removeUnspecified(json);
        return answerJson(reply, json);
      },
    });
  }
}

function callOptions(
  request: FastifyRequest,
  reply: FastifyReply,
  traces: RequestTraces,
): CallOptions & { clientAddress: string } {
  return {
    requestId: request.id,
    trace: traces.of(request),
    clientAddress: clientAddress(request),
    signal: clientGoneSignal(reply),
  };
}
