import type { MessageInitShape } from '@bufbuild/protobuf';
import { invalidField } from '@im/common/errors/im-error.ts';
import type {
  AdminSendMessageRequest,
  AdminSendMessageResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { directConversationId } from '@im/common/utils/conversation-id.ts';
import type { ChatContext } from '../context.ts';
import { requireAllowedMedia } from '../domain/media-urls.ts';
import { sendRecord } from '../record/send.ts';
import { SYSTEM_UID } from '../record/settings.ts';
import { resolveConversation } from './resolve-conversation.ts';

/**
 * Sends as the system, or as a user whom the product speaks for. Blocks and
 * friendship do not bind the system; a user they do.
 */
export async function adminSendMessage(
  context: ChatContext,
  request: AdminSendMessageRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof AdminSendMessageResponseSchema>> {
  const content = request.content!;
  requireAllowedMedia(content, context.settings.media.externalUrls);
  const senderUid = request.senderUid ?? SYSTEM_UID;
  const record = sendRecord(
    {
      conversationId: conversationOf(request, senderUid),
      senderUid,
      clientMsgId: request.clientMsgId,
      content,
    },
    context.settings,
  );
  return { message: await context.lanes.submit(record, call) };
}

function conversationOf({ conversationId, toUid }: AdminSendMessageRequest, senderUid: string): string {
  if ((conversationId === undefined) === (toUid === undefined)) {
    throw invalidField('conversationId', 'give either conversationId or toUid');
  }
  if (conversationId !== undefined) return resolveConversation(conversationId, senderUid);
  if (toUid === senderUid) throw invalidField('toUid', 'nobody has a direct conversation with themselves');
  return directConversationId(senderUid, toUid!);
}
