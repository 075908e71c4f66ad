import type { DescMethod, Message } from '@bufbuild/protobuf';
import type { ServiceName } from '../../service/names.ts';
import type { TraceContext } from '../../telemetry/traces.ts';
import type { MessageInit } from '../message-init.ts';
import type { Pipe } from '../pipe.ts';
import type { CallOptions } from '../types.ts';

/** One call on its way through the client; the middleware fills in what it finds out. */
export type ClientCall = UnaryCall | StreamCall;

interface CommonCall {
  /** The full name of the method. */
  readonly name: string;
  readonly method: DescMethod;
  readonly target: ServiceName;
  readonly options: CallOptions;
  /** Ends the call; the reason is an ImError. */
  readonly cancellation: AbortController;
  requestId: string;
  /** Its own place in its trace; undefined where it is in none. */
  trace: TraceContext | undefined;
  /** On the clock of `performance.now()`; Infinity for streams. */
  deadlineAt: number;
  /** Calls with the same one go to the same instance where that is possible. */
  readonly routeKey: string | undefined;
  /** The addresses that had the call so far, in that order; a retry goes to another. */
  readonly tried: string[];
}

export interface UnaryCall extends CommonCall {
  readonly kind: 'unary';
  readonly request: Message;
}

export interface StreamCall extends CommonCall {
  readonly kind: 'stream';
  /** What the caller sends, as it wrote it. */
  readonly source: AsyncIterable<MessageInit>;
  readonly requests: Pipe<MessageInit, Message>;
  readonly answers: Pipe<Message, Message>;
}
