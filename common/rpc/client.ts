import { create, type DescMethod, type Message } from '@bufbuild/protobuf';
import type { Registry } from 'prom-client';
import type { ServiceTokenIssuer } from '../identity/service-tokens.ts';
import type { Traces } from '../telemetry/traces.ts';
import { callHistogram } from './call-metrics.ts';
import { breakCalls } from './client/breaker.ts';
import type { ClientCall } from './client/call.ts';
import { deadline } from './client/deadline.ts';
import { observe } from './client/observe.ts';
import { retry } from './client/retry.ts';
import { routeReader } from './client/route.ts';
import { send } from './client/send.ts';
import { runStream } from './client/stream.ts';
import { trace } from './client/trace.ts';
import type { MessageInit } from './message-init.ts';
import { methodName } from './method-name.ts';
import { compose, type Middleware } from './middleware.ts';
import { serviceOf } from './service-of.ts';
import type { Transport } from './transport.ts';
import type { AnyService, CallOptions, RpcClient } from './types.ts';

export interface RpcClientOptions {
  transport: Transport;
  /** Proves who calls: the issuer of the calling service. */
  tokens: ServiceTokenIssuer;
  metrics: Registry;
  /** Nothing is traced if left out. */
  traces?: Traces | undefined;
}

/**
 * A typed client of a contract, whose target is looked for anew at each call.
 * A unary call fails with DEADLINE_PASSED after 2,000 ms, or what its options
 * say; a stream has no deadline and begins when its answers are iterated.
 * Whatever goes wrong is an ImError, except that a request which does not fit
 * its contract, a mistake of the calling code, throws what says so.
 */
export function createRpcClient<S extends AnyService>(service: S, options: RpcClientOptions): RpcClient<S> {
  const target = serviceOf(service);
  const durations = callHistogram(
    options.metrics,
    'rpc_client_duration_seconds',
    'How long calls to other services took, by method and code.',
  );

  const middleware: readonly Middleware<ClientCall>[] = [
    // First, so that all that follows knows the request.
    trace(options.traces),
    // Counts what the caller sees, whatever is tried further in.
    observe(durations),
    // Outside retries: a call that was made again counts once, and what is refused here is not made again.
    breakCalls(options.metrics),
    // Each try is a call of its own to all that follows.
    retry(options.metrics),
    // Around the transport alone, which may hang. Later tries keep the first one's deadline.
    deadline,
    // Balancing is the transport's: only it knows who can be reached.
  ];
  const run = compose(middleware, send(options.transport, options.tokens));

  function unary(method: DescMethod) {
    const name = methodName(method);
    const route = routeReader(method);
    return async (init: MessageInit, callOptions: CallOptions = {}): Promise<Message> => {
      const request = create(method.input, init);
      const call: ClientCall = {
        kind: 'unary',
        name,
        method,
        target,
        options: callOptions,
        cancellation: new AbortController(),
        requestId: '',
        trace: undefined,
        deadlineAt: Number.POSITIVE_INFINITY,
        routeKey: callOptions.routeKey ?? route(request, callOptions.speakFor),
        tried: [],
        request,
      };
      return (await run(call)) as Message;
    };
  }

  function stream(method: DescMethod) {
    const name = methodName(method);
    return (requests: AsyncIterable<MessageInit>, callOptions: CallOptions = {}): AsyncIterable<Message> =>
      runStream({ name, method, target, options: callOptions, source: requests }, run);
  }

  return Object.fromEntries(
    service.methods.map((method) => {
      if (method.methodKind === 'unary') return [method.localName, unary(method)];
      if (method.methodKind === 'bidi_streaming') return [method.localName, stream(method)];
      throw new Error(`${methodName(method)}: streams go both ways or not at all`);
    }),
  ) as RpcClient<S>;
}
