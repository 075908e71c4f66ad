import type { Message } from '@bufbuild/protobuf';
import { ImError } from '../../errors/im-error.ts';
import type { Logger } from '../../telemetry/log.ts';
import { callCancelled, followSignal } from '../cancelled.ts';
import { deadlinePassed } from '../deadline.ts';
import type { IncomingCall } from '../server.ts';
import { createServerCall, type ServerCall } from './call.ts';
import type { Route } from './routes.ts';

/**
 * A caller whose time is up hangs up, and over a network that may be seen a
 * moment before our own clock runs out; milliseconds.
 */
const HANG_UP_MS = 50;

/** The calls a server is busy with, so that it can stop in order. */
export interface OpenCalls {
  readonly stopping: boolean;
  begin(route: Route, input: Message | AsyncIterable<Message>, incoming: IncomingCall): ServerCall;
  end(call: ServerCall): void;
  /** Ends streams at once and unary calls after `graceMs`; resolves when none is left. */
  stop(graceMs: number): Promise<void>;
}

export function createOpenCalls(log: Logger): OpenCalls {
  const open = new Map<ServerCall, () => void>();
  let stopping = false;
  let onEmpty: (() => void)[] = [];

  function empty(): Promise<void> {
    return open.size === 0 ? Promise.resolve() : new Promise((resolve) => onEmpty.push(resolve));
  }

  return {
    get stopping() {
      return stopping;
    },
    begin(route, input, incoming) {
      const call = createServerCall(route, input, incoming, log);
      open.set(
        call,
        followSignal(call.cancellation, incoming.signal, () => hungUp(call)),
      );
      return call;
    },
    end(call) {
      open.get(call)?.();
      open.delete(call);
      if (open.size > 0) return;
      for (const resolve of onEmpty) resolve();
      onEmpty = [];
    },
    async stop(graceMs) {
      stopping = true;
      for (const call of [...open.keys()])
        if (call.stream)
          call.cancellation.abort(new ImError('SHUTTING_DOWN', 'the service is shutting down'));
      const grace = setTimeout(() => {
        for (const call of [...open.keys()])
          call.cancellation.abort(new ImError('SERVICE_AWAY', 'the service went away'));
      }, graceMs);
      await empty();
      clearTimeout(grace);
    },
  };
}

/** Why a caller that says nothing about it went away. */
function hungUp(call: ServerCall): ImError {
  return performance.now() + HANG_UP_MS < call.deadlineAt ? callCancelled() : deadlinePassed();
}
