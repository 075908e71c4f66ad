import { directConversationId, parseConversationId } from './conversation-id.ts';

/** The id that a conversation really has, where a client may have written `u:<uid>`; any other text stays as it is. */
export function realConversationId(conversationId: string, ownUid: string): string {
  const parsed = parseConversationId(conversationId);
  if (parsed?.kind !== 'userAlias' || parsed.uid === ownUid) return conversationId;
  return directConversationId(ownUid, parsed.uid);
}
