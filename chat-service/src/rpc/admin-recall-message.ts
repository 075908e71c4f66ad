import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AdminRecallMessageRequest,
  AdminRecallMessageResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { recallRecord } from '../record/recall.ts';
import { SYSTEM_UID } from '../record/settings.ts';
import { resolveConversation } from './resolve-conversation.ts';

/** Takes any message back, as the system. */
export async function adminRecallMessage(
  context: ChatContext,
  request: AdminRecallMessageRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof AdminRecallMessageResponseSchema>> {
  const conversationId = resolveConversation(request.conversationId, SYSTEM_UID);
  const { seq, clientMsgId } = request;
  const record = recallRecord({ conversationId, seq, uid: SYSTEM_UID, clientMsgId }, context.settings);
  return { message: await context.lanes.submit(record, call) };
}
