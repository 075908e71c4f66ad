import { ImError } from '@im/common/errors/im-error.ts';
import type { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { CallOptions, RpcClient } from '@im/common/rpc/types.ts';
import { letOut, takeIn } from '../connection/backlog.ts';
import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';
import { answer, answerError, type FrameRef, type ServerFrameInit } from './answer.ts';
import type { FrameHandler } from './dispatch.ts';

export const markRead = requestHandler('markRead');
export const getMessages = requestHandler('getMessages');
export const sync = requestHandler('sync');

type RequestKind = 'markRead' | 'getMessages' | 'sync';
type Chat = RpcClient<typeof ChatService>;

/** A frame that is one call of the method of the same name, made for the socket's user. */
function requestHandler<K extends RequestKind>(kind: K): FrameHandler<K> {
  return (context, connection, frame, value) => {
    takeIn(connection, frame.bytes);
    const slots = kind === 'sync' ? connection.syncs : connection.requests;
    slots.run(async () => {
      try {
        if (connection.state === 'closed') return;
        const call = context.chat[kind] as (request: unknown, options: CallOptions) => ReturnType<Chat[K]>;
        const response = await call(value, callOptions(context, connection, frame));
        answer(context, connection, frame.id, { case: kind, value: response } as ServerFrameInit);
      } catch (error) {
        answerError(context, connection, frame, error);
      } finally {
        letOut(connection, frame.bytes);
      }
    });
  };
}

function callOptions(context: GatewayContext, connection: Connection, frame: FrameRef): CallOptions {
  const { uid, sessionId } = connection.user!;
  const timeoutMs = frame.at + context.config.answerTimeoutMs - context.clock();
  if (timeoutMs <= 0) throw new ImError('DEADLINE_PASSED', 'too many requests were waiting before this one');
  return {
    speakFor: { kind: 'user', uid, sessionId },
    timeoutMs,
    requestId: frame.requestId,
    clientAddress: connection.address,
  };
}
