import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  GetMessagesRequest,
  GetMessagesResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { readHistory } from '../read/history.ts';
import { requireViewer } from '../read/viewer.ts';
import { resolveConversation } from './resolve-conversation.ts';

/** A range of a conversation's history, as far as the caller may see it. */
export async function getMessages(
  { database, partitions }: ChatContext,
  request: GetMessagesRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof GetMessagesResponseSchema>> {
  const { uid } = callerUser(call);
  const conversationId = resolveConversation(request.conversationId, uid);
  return database.snapshot(async (trx) =>
    readHistory(trx, await requireViewer(trx, partitions, conversationId, uid), request),
  );
}
