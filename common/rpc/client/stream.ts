import { create, type Message } from '@bufbuild/protobuf';
import { callCancelled } from '../cancelled.ts';
import type { Next } from '../middleware.ts';
import { createPipe } from '../pipe.ts';
import type { ClientCall, StreamCall } from './call.ts';

/**
 * The answers of a stream. The call begins when they are iterated; what the
 * middleware makes of its end is what their reader gets.
 */
export function runStream(
  given: Pick<StreamCall, 'name' | 'method' | 'target' | 'options' | 'source'>,
  run: Next<ClientCall>,
): AsyncIterable<Message> {
  let answers: AsyncIterator<Message> | undefined;
  return {
    [Symbol.asyncIterator]() {
      answers ??= begin(given, run);
      return answers;
    },
  };
}

function begin(
  given: Pick<StreamCall, 'name' | 'method' | 'target' | 'options' | 'source'>,
  run: Next<ClientCall>,
): AsyncIterator<Message> {
  const cancellation = new AbortController();
  const call: StreamCall = {
    ...given,
    kind: 'stream',
    cancellation,
    requestId: '',
    trace: undefined,
    deadlineAt: Number.POSITIVE_INFINITY,
    routeKey: given.options.routeKey,
    tried: [],
    requests: createPipe((request) => create(given.method.input, request)),
    answers: createPipe(
      (answer) => answer,
      () => cancellation.abort(callCancelled()),
    ),
  };
  run(call).then(
    () => {
      call.answers.close();
      call.requests.close();
    },
    (error) => {
      call.answers.close(error);
      call.requests.close();
    },
  );
  return call.answers;
}
