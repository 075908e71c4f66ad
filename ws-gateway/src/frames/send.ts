import type { SendItem } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { realConversationId } from '@im/common/utils/real-conversation-id.ts';
import { letOut, takeIn } from '../connection/backlog.ts';
import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';
import { createSendOrder, type SendOrder } from '../domain/send-order.ts';
import type { Send } from '../sends/send.ts';
import { answer, type FrameRef } from './answer.ts';
import type { FrameHandler } from './dispatch.ts';
import { beginFrameSpan } from './frame-span.ts';

type SendRequest = Extract<SendItem['request'], { case: string }>;

export const sendMessage: FrameHandler<'sendMessage'> = (context, connection, frame, value) =>
  send(context, connection, frame, { case: 'sendMessage', value });

export const editMessage: FrameHandler<'editMessage'> = (context, connection, frame, value) =>
  send(context, connection, frame, { case: 'editMessage', value });

export const recallMessage: FrameHandler<'recallMessage'> = (context, connection, frame, value) =>
  send(context, connection, frame, { case: 'recallMessage', value });

/** Sends, edits and recalls go one way, so that a conversation sees them in the order of the socket. */
function send(context: GatewayContext, connection: Connection, frame: FrameRef, request: SendRequest): void {
  const { id, requestId, bytes, at } = frame;
  const { uid, sessionId } = connection.user!;
  const { clientMsgId } = request.value;
  const conversationId = realConversationId(request.value.conversationId, uid);
  takeIn(connection, bytes);
  const span = beginFrameSpan(context, request.case, frame);
  context.sender.accept({
    clientMsgId,
    conversationId,
    uid,
    sessionId,
    requestId,
    trace: span?.context,
    request,
    bytes,
    deadlineAt: at + context.config.answerTimeoutMs,
    order: orderOf(connection, conversationId),
    answer(outcome) {
      letOut(connection, bytes);
      if (outcome.kind === 'refused') span?.set({ 'error.type': outcome.error.reason });
      span?.end();
      if (outcome.kind === 'refused') {
        answer(context, connection, id, { case: 'error', value: outcome.error });
      } else {
        answer(context, connection, id, { case: request.case, value: { message: outcome.message } });
      }
    },
  });
}

function orderOf(connection: Connection, conversationId: string): SendOrder<Send> {
  let order = connection.sends.get(conversationId);
  if (order === undefined) {
    order = createSendOrder();
    connection.sends.set(conversationId, order);
  }
  return order;
}
