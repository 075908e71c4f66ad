import type { AppendEventsRequest } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerService } from '@im/common/rpc/context.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import type { ChatContext } from '../context.ts';
import { requireAppendRight } from '../domain/append-rights.ts';
import { appendRecord } from '../record/append.ts';

/** Appends the calling service's changes to a conversation's log. */
export async function appendEvents(
  context: ChatContext,
  { conversationId, version, records }: AppendEventsRequest,
  call: CallContext,
): Promise<Record<string, never>> {
  const source = callerService(call);
  requireAppendRight(source, conversationId, records);
  await context.lanes.submit(appendRecord({ conversationId, source, version, records }), call);
  const id = parseConversationId(conversationId);
  if (id?.kind === 'group') context.groups.told(version, records);
  return {};
}
