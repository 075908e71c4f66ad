import { create, type Message } from '@bufbuild/protobuf';
import { callCancelled } from '../cancelled.ts';
import type { MessageInit } from '../message-init.ts';
import type { Next } from '../middleware.ts';
import { createPipe, type Pipe } from '../pipe.ts';
import type { ServerCall } from './call.ts';

/** Both directions of a stream, as the handler's side sees them. */
export interface ServerStream {
  readonly requests: Pipe<Message, Message>;
  readonly answers: Pipe<MessageInit, Message>;
}

/** A stream that is not connected to anything yet. A reader who stops reading cancels the call. */
export function createStream(call: ServerCall): ServerStream {
  return {
    requests: createPipe((request) => request),
    answers: createPipe(
      (answer) => call.encode(create(call.route.method.output, answer)),
      () => call.cancellation.abort(callCancelled()),
      call.failedLate,
    ),
  };
}

/**
 * Runs a stream through the server. What the middleware makes of its end is
 * what the reader of the answers gets; the handler's requests end with it.
 */
export function runStream(call: ServerCall, run: Next<ServerCall>): Promise<void> {
  const { requests, answers } = call.stream!;
  return run(call).then(
    () => {
      answers.close();
      requests.close();
    },
    (error) => {
      answers.close(error);
      requests.close();
    },
  );
}
