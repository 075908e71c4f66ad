import { ImError } from '@im/common/errors/im-error.ts';
import type { CallOptions } from '@im/common/rpc/types.ts';
import type { TraceContext } from '@im/common/telemetry/traces.ts';
import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';
import type { FrameRef } from './answer.ts';

/** How a call is made for the socket's user, within the time that the frame has left. Throws DEADLINE_PASSED. */
export function callOptions(
  context: GatewayContext,
  connection: Connection,
  frame: FrameRef,
  trace?: TraceContext,
): CallOptions {
  const { uid, sessionId } = connection.user!;
  const timeoutMs = frame.at + context.config.answerTimeoutMs - context.clock();
  if (timeoutMs <= 0) throw new ImError('DEADLINE_PASSED', 'too many requests were waiting before this one');
  return {
    speakFor: { kind: 'user', uid, sessionId },
    timeoutMs,
    requestId: frame.requestId,
    trace,
    clientAddress: connection.address,
  };
}
