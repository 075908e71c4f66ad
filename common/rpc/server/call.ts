import type { Message } from '@bufbuild/protobuf';
import { isUnexpected } from '../../errors/normalize-error.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { TraceContext } from '../../telemetry/traces.ts';
import type { Caller } from '../context.ts';
import type { Metadata } from '../metadata.ts';
import type { IncomingCall } from '../server.ts';
import type { Route } from './routes.ts';
import { createStream, type ServerStream } from './stream.ts';

/** One call on its way through the server; the middleware fills in what it finds out. */
export interface ServerCall {
  readonly route: Route;
  readonly metadata: Metadata;
  /** Ends the call for its caller and tells the handler; the reason is an ImError. */
  readonly cancellation: AbortController;
  /** The request of a unary call, the requests of a stream. */
  input: Message | AsyncIterable<Message>;
  /** Where the messages of a stream flow; undefined for a unary call. */
  readonly stream: ServerStream | undefined;
  requestId: string;
  /** Its own place in its trace; undefined where it is in none. */
  trace: TraceContext | undefined;
  caller: Caller;
  clientAddress: string;
  /** On the clock of `performance.now()`. */
  deadlineAt: number;
  /** Speaks of this call. Made when it is first used, because most calls never log. */
  readonly log: Logger;
  /** Makes what leaves the server out of an answer; throws where it does not fit the contract. */
  encode(answer: Message): Message;
  /** What becomes of a failure that comes when the call has ended: nobody but the log can learn of it. */
  failedLate(error: unknown): void;
}

export function createServerCall(
  route: Route,
  input: Message | AsyncIterable<Message>,
  incoming: IncomingCall,
  serverLog: Logger,
): ServerCall {
  let log: Logger | undefined;
  const call: ServerCall = {
    route,
    metadata: incoming.metadata,
    cancellation: new AbortController(),
    input,
    get stream() {
      return stream;
    },
    requestId: '',
    trace: undefined,
    caller: { kind: 'nobody' },
    clientAddress: '',
    deadlineAt: Number.POSITIVE_INFINITY,
    get log() {
      log ??= serverLog.child({
        requestId: call.requestId,
        method: route.name,
        caller: callerText(call.caller),
        ...(call.trace && { traceId: call.trace.traceId }),
      });
      return log;
    },
    encode: incoming.encode,
    failedLate(error) {
      if (isUnexpected(error)) call.log.error({ err: error }, 'a call failed after it had ended');
    },
  };
  const stream = route.kind === 'stream' ? createStream(call) : undefined;
  return call;
}

function callerText(caller: Caller): string {
  switch (caller.kind) {
    case 'nobody':
      return 'nobody';
    case 'user':
      return `user ${caller.uid}`;
    case 'apiKey':
      return `api key ${caller.keyId}`;
    case 'service':
      return caller.service;
  }
}
