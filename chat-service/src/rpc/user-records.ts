import type {
  EditMessageRequest,
  RecallMessageRequest,
  SendMessageRequest,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { ChatContext } from '../context.ts';
import { requireAllowedMedia } from '../domain/media-urls.ts';
import type { LogRecord } from '../lane/log-record.ts';
import { editRecord } from '../record/edit.ts';
import { recallRecord } from '../record/recall.ts';
import { sendRecord } from '../record/send.ts';
import { resolveConversation } from './resolve-conversation.ts';

/** A user's validated requests as records: the same for streams and single calls. */

export function sendRecordOf(
  context: ChatContext,
  request: SendMessageRequest,
  uid: string,
): LogRecord<Message> {
  const content = request.content!;
  requireAllowedMedia(content, context.settings.media.externalUrls);
  return sendRecord(
    {
      conversationId: resolveConversation(request.conversationId, uid),
      senderUid: uid,
      clientMsgId: request.clientMsgId,
      content,
      replyToSeq: request.replyToSeq,
      mentions: request.mentions,
    },
    context.settings,
  );
}

export function editRecordOf(
  context: ChatContext,
  request: EditMessageRequest,
  uid: string,
): LogRecord<Message> {
  const content = request.content!;
  requireAllowedMedia(content, context.settings.media.externalUrls);
  const { seq, clientMsgId } = request;
  const conversationId = resolveConversation(request.conversationId, uid);
  return editRecord({ conversationId, seq, uid, clientMsgId, content }, context.settings);
}

export function recallRecordOf(
  context: ChatContext,
  request: RecallMessageRequest,
  uid: string,
): LogRecord<Message> {
  const { seq, clientMsgId } = request;
  const conversationId = resolveConversation(request.conversationId, uid);
  return recallRecord({ conversationId, seq, uid, clientMsgId }, context.settings);
}
