import { invalidField } from '@im/common/errors/im-error.ts';
import { directConversationId, parseConversationId } from '@im/common/utils/conversation-id.ts';

/** The real id of what a user named; `u:<uid>` is the direct conversation with uid. */
export function resolveConversation(conversationId: string, callerUid: string): string {
  const id = parseConversationId(conversationId);
  if (id?.kind !== 'userAlias') {
    if (!id) throw invalidField('conversationId', 'conversationId is not the id of a conversation');
    return conversationId;
  }
  if (id.uid === callerUid)
    throw invalidField('conversationId', 'nobody has a direct conversation with themselves');
  return directConversationId(callerUid, id.uid);
}
