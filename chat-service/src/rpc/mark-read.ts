import type { MessageInitShape } from '@bufbuild/protobuf';
import type { MarkReadRequest, MarkReadResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { markReadRecord } from '../record/mark-read.ts';
import { resolveConversation } from './resolve-conversation.ts';

/** Moves the caller's read mark on. */
export async function markRead(
  context: ChatContext,
  request: MarkReadRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof MarkReadResponseSchema>> {
  const { uid } = callerUser(call);
  const conversationId = resolveConversation(request.conversationId, uid);
  return context.lanes.submit(markReadRecord({ conversationId, uid, seq: request.seq }), call);
}
