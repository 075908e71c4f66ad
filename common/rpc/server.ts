import type { DescMethod, Message } from '@bufbuild/protobuf';
import type { Registry } from 'prom-client';
import { ImError } from '../errors/im-error.ts';
import type { ServiceTokenVerifier } from '../identity/service-tokens.ts';
import { createLoopLoad } from '../resilience/loop-load.ts';
import { createShedder } from '../resilience/shedder.ts';
import type { ServiceName } from '../service/names.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Traces } from '../telemetry/traces.ts';
import { callHistogram } from './call-metrics.ts';
import { DEFAULT_TIMEOUT_MS } from './deadline.ts';
import type { Metadata } from './metadata.ts';
import { methodName } from './method-name.ts';
import { compose, type Middleware } from './middleware.ts';
import { authorize } from './server/authorize.ts';
import type { ServerCall } from './server/call.ts';
import { deadline } from './server/deadline.ts';
import { handle } from './server/handle.ts';
import { identify } from './server/identify.ts';
import { maskErrors } from './server/mask-errors.ts';
import { observe } from './server/observe.ts';
import { createOpenCalls } from './server/open-calls.ts';
import { type Route, routesOf } from './server/routes.ts';
import { shed } from './server/shed.ts';
import { runStream } from './server/stream.ts';
import { trace } from './server/trace.ts';
import { validateRequests } from './server/validate.ts';
import type { RpcBinding } from './types.ts';
import { createMessageValidator } from './validation.ts';

/** Milliseconds; a unary call slower than this is worth a line in the log. */
const SLOW_CALL_MS = 500;

export interface RpcServerOptions {
  service: ServiceName;
  bindings: readonly RpcBinding[];
  tokens: ServiceTokenVerifier;
  log: Logger;
  metrics: Registry;
  /** Nothing is traced if left out. */
  traces?: Traces | undefined;
  /** Unary calls slower than this are logged at warn. Milliseconds, 500 if left out. */
  slowCallMs?: number;
  /** The longest a unary call may take, whatever its caller says. Milliseconds, 2,000 if left out. */
  timeoutMs?: number;
  /** The busy share of the event loop, 0 to 1; measured if left out, a seam for tests. */
  loopLoad?: () => number;
}

/** What a transport knows of a call that came in. */
export interface IncomingCall {
  readonly metadata: Metadata;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
  /** Makes what travels out of an answer. What it throws counts as a failure of the handler. */
  encode(answer: Message): Message;
}

/** Serves contracts to whatever transport a call came by. Fails with ImError only. */
export interface RpcServer {
  readonly service: ServiceName;
  unary(method: DescMethod, request: Message, incoming: IncomingCall): Promise<Message>;
  bidi(
    method: DescMethod,
    requests: AsyncIterable<Message>,
    incoming: IncomingCall,
  ): AsyncIterableIterator<Message>;
  /**
   * Refuses new calls (SERVICE_AWAY), ends open streams (SHUTTING_DOWN), gives
   * unary calls `graceMs` to finish, 0 if left out, and ends what is left
   * (SERVICE_AWAY). Resolves when every caller has had an answer.
   */
  stop(graceMs?: number): Promise<void>;
}

/** A server of `bindings`. Everything that happens around a handler is in one list. */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const { service, log, metrics } = options;
  const routes = routesOf(options.bindings);
  const validate = createMessageValidator();
  // The first message of a kind costs up to 100 ms, which no caller shall wait for.
  for (const { method } of routes.values()) validate.prepare(method.input);
  const durations = callHistogram(
    metrics,
    'rpc_server_duration_seconds',
    'How long calls took to serve, by method and code.',
  );

  const middleware: readonly Middleware<ServerCall>[] = [
    // First, so that whatever is said about the call names its request.
    trace(options.traces),
    // Outside all that can fail, so that nothing leaves unmasked; inside it failures are what they were.
    maskErrors,
    // Sees real failures, and every call, also those that are refused further in.
    observe(durations, options.slowCallMs ?? SLOW_CALL_MS),
    // Counted, but before the call costs anything.
    shed(
      createShedder({ clock: () => performance.now(), load: options.loopLoad ?? createLoopLoad() }),
      metrics,
    ),
    // Before the first thing that may wait, so that it bounds all of them.
    deadline(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    // Who calls, then whether they may: strangers must not learn what a good request looks like.
    identify(options.tokens),
    authorize,
    // Last, because it costs most. Handlers may rely on the rules of the contract.
    validateRequests(validate),
  ];
  const run = compose(middleware, handle);
  const calls = createOpenCalls(log);

  function routeOf(method: DescMethod): Route {
    if (calls.stopping) throw new ImError('SERVICE_AWAY', `${service} is not there`);
    const route = routes.get(method);
    if (!route) throw new ImError('NOT_IMPLEMENTED', `${methodName(method)} is not served here`);
    return route;
  }

  return {
    service,
    async unary(method, request, incoming) {
      const call = calls.begin(routeOf(method), request, incoming);
      try {
        return (await run(call)) as Message;
      } finally {
        calls.end(call);
      }
    },
    bidi(method, requests, incoming) {
      const call = calls.begin(routeOf(method), requests, incoming);
      runStream(call, run).finally(() => calls.end(call));
      return call.stream!.answers;
    },
    stop: (graceMs = 0) => calls.stop(graceMs),
  };
}
