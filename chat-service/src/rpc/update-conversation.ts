import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import type {
  UpdateConversationRequest,
  UpdateConversationResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { conversationSettingsRecord } from '../record/conversation-settings.ts';
import { resolveConversation } from './resolve-conversation.ts';
import { showConversation } from './show-conversation.ts';

/** Changes the caller's own settings of a conversation; what the mask names and is absent goes back to its default. */
export async function updateConversation(
  context: ChatContext,
  request: UpdateConversationRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof UpdateConversationResponseSchema>> {
  const { uid } = callerUser(call);
  const conversationId = resolveConversation(request.conversationId, uid);
  const named = new Set(request.updateMask?.paths ?? []);
  if (named.size === 0) throw new ImError('EMPTY_PATCH', 'name at least one field to change');
  const record = conversationSettingsRecord({
    conversationId,
    uid,
    muted: named.has('muted') ? (request.muted ?? false) : undefined,
    pinned: named.has('pinned') ? (request.pinned ?? false) : undefined,
    hidden: named.has('hidden') ? (request.hidden ?? false) : undefined,
    draft: named.has('draft') ? (request.draft ?? '') : undefined,
    clearedSeq: named.has('cleared_seq') ? (request.clearedSeq ?? 0) : undefined,
  });
  await context.lanes.submit(record, call);
  return { conversation: await showConversation(context, conversationId, uid, call) };
}
