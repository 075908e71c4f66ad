import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  GetConversationRequest,
  GetConversationResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { resolveConversation } from './resolve-conversation.ts';
import { showConversation } from './show-conversation.ts';

export async function getConversation(
  context: ChatContext,
  request: GetConversationRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof GetConversationResponseSchema>> {
  const { uid } = callerUser(call);
  const conversationId = resolveConversation(request.conversationId, uid);
  return { conversation: await showConversation(context, conversationId, uid, call) };
}
