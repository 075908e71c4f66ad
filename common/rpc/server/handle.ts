import { create, type Message } from '@bufbuild/protobuf';
import type { CallContext } from '../context.ts';
import type { ServerCall } from './call.ts';
import type { StreamHandler, UnaryHandler } from './routes.ts';

/** Runs the handler. For a stream it resolves when the handler has given its last answer. */
export function handle(call: ServerCall): Promise<Message | undefined> {
  return call.route.kind === 'unary' ? handleUnary(call) : handleStream(call);
}

async function handleUnary(call: ServerCall): Promise<Message> {
  const handler = call.route.handler as UnaryHandler;
  const answer = await handler(call.input as Message, contextOf(call));
  return call.encode(create(call.route.method.output, answer));
}

async function handleStream(call: ServerCall): Promise<undefined> {
  const stream = call.stream!;
  const handler = call.route.handler as StreamHandler;
  stream.requests.open(call.input as AsyncIterable<Message>).then(
    () => stream.requests.close(),
    (error) => stream.requests.close(error),
  );
  await stream.answers.open(handler(stream.requests, contextOf(call)));
}

function contextOf(call: ServerCall): CallContext {
  return {
    caller: call.caller,
    requestId: call.requestId,
    trace: call.trace,
    clientAddress: call.clientAddress,
    deadlineAt: call.deadlineAt,
    signal: call.cancellation.signal,
    get log() {
      return call.log;
    },
  };
}
