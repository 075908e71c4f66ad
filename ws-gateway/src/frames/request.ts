import type { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { CallOptions, RpcClient } from '@im/common/rpc/types.ts';
import { letOut, takeIn } from '../connection/backlog.ts';
import { answer, answerError, type ServerFrameInit } from './answer.ts';
import { callOptions } from './call-options.ts';
import type { FrameHandler } from './dispatch.ts';
import { beginFrameSpan } from './frame-span.ts';

export const markRead = requestHandler('markRead');
export const getMessages = requestHandler('getMessages');
export const sync = requestHandler('sync');

type RequestKind = 'markRead' | 'getMessages' | 'sync';
type Chat = RpcClient<typeof ChatService>;

/** A frame that is one call of the method of the same name, made for the socket's user. */
function requestHandler<K extends RequestKind>(kind: K): FrameHandler<K> {
  return (context, connection, frame, value) => {
    takeIn(connection, frame.bytes);
    const span = beginFrameSpan(context, kind, frame);
    const slots = kind === 'sync' ? connection.syncs : connection.requests;
    slots.run(async () => {
      try {
        if (connection.state === 'closed') return;
        const call = context.chat[kind] as (request: unknown, options: CallOptions) => ReturnType<Chat[K]>;
        const response = await call(value, callOptions(context, connection, frame, span?.context));
        answer(context, connection, frame.id, { case: kind, value: response } as ServerFrameInit);
      } catch (error) {
        answerError(context, connection, frame, error);
      } finally {
        // How the call came out is said by its own span.
        span?.end();
        letOut(connection, frame.bytes);
      }
    });
  };
}
