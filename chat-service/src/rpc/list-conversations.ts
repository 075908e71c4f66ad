import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListConversationsRequest,
  ListConversationsResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import { decodePageToken, encodePageToken, pageSizeOf } from '@im/common/utils/page-token.ts';
import { z } from 'zod';
import type { ChatContext } from '../context.ts';
import { ANSWER_BYTES, messageBytes } from '../read/answer-size.ts';
import { viewConversation } from '../read/conversation-view.ts';
import { compareOrder, dueConversations, orderOf } from '../read/due-conversations.ts';
import { addGroups } from '../read/groups.ts';
import { addPeople } from '../read/people.ts';
import { plainConversation } from './show-conversation.ts';

const pageToken = z.object({ updatedAt: z.int(), conversationId: z.string() });

/** The caller's conversations, latest activity first; notices are not among them. */
export async function listConversations(
  { database, partitions, users, groups }: ChatContext,
  request: ListConversationsRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof ListConversationsResponseSchema>> {
  const { uid } = callerUser(call);
  const after = request.pageToken === '' ? undefined : decodePageToken(request.pageToken, pageToken);
  const size = pageSizeOf(request.pageSize);
  const { shown, last } = await database.snapshot(async (trx) => {
    const all = (await dueConversations(trx, [...Array(partitions).keys()], uid, undefined)).conversations
      .filter(({ viewer }) => parseConversationId(viewer.membership.conversation_id)?.kind !== 'notice')
      .filter((each) => !after || compareOrder(after, orderOf(each)) < 0);
    const shown = [];
    let bytes = 0;
    for (const { viewer } of all.slice(0, size)) {
      if (bytes > ANSWER_BYTES) break;
      const view = await viewConversation(trx, viewer);
      bytes += view.lastMessage ? messageBytes(view.lastMessage) : 0;
      shown.push({ viewer, view });
    }
    return { shown, last: all.length > shown.length ? all[shown.length - 1] : undefined };
  });
  await Promise.all([addPeople(shown, users, call), addGroups(shown, { db: database.read, groups }, call)]);
  return {
    conversations: shown.map(({ view }) => plainConversation(view)),
    nextPageToken: last ? encodePageToken(orderOf(last)) : '',
  };
}
