import type { HideMessageRequest } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { hideMessageRecord } from '../record/hide-message.ts';
import { resolveConversation } from './resolve-conversation.ts';

/** Hides a message on all of the caller's devices. */
export async function hideMessage(
  context: ChatContext,
  request: HideMessageRequest,
  call: CallContext,
): Promise<Record<string, never>> {
  const { uid } = callerUser(call);
  const conversationId = resolveConversation(request.conversationId, uid);
  await context.lanes.submit(hideMessageRecord({ conversationId, uid, seq: request.seq }), call);
  return {};
}
