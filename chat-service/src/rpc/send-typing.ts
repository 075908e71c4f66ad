import type { SendTypingRequest } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import type { ChatContext } from '../context.ts';
import { openSpan } from '../domain/spans.ts';
import { requireViewer, type Viewer } from '../read/viewer.ts';
import { readPresentMembers } from '../store/span.ts';
import { resolveConversation } from './resolve-conversation.ts';

/** In larger conversations nobody is told who types. */
const MAX_MEMBERS_TOLD = 100;

/** Tells the other members that someone types. May be lost; who could not send is not heard typing either. */
export async function sendTyping(
  { database, partitions, gateways, settings }: ChatContext,
  { uid, conversationId: named }: SendTypingRequest,
): Promise<Record<string, never>> {
  const conversationId = resolveConversation(named, uid);
  const viewer = await requireViewer(database.read, partitions, conversationId, uid);
  if (!openSpan(viewer.spans) || !mayBeHeard(viewer, settings.directMessages)) return {};
  const { partition_id } = viewer.membership;
  const present = await readPresentMembers(database.read, partition_id, conversationId, MAX_MEMBERS_TOLD + 1);
  if (present.length > MAX_MEMBERS_TOLD) return {};
  const others = present.filter((other) => other !== uid);
  await gateways.deliver([{ uids: others, frame: { case: 'typing', value: { conversationId, uid } } }]);
  return {};
}

/** Not in a dismissed group, nor by who is blocked or no friend. What a block hides shows as nothing. */
function mayBeHeard({ membership }: Viewer, directMessages: 'friends' | 'anyone'): boolean {
  if (membership.closed === 1) return false;
  if (parseConversationId(membership.conversation_id)?.kind !== 'direct') return true;
  const blocked = membership.blocked_by_lower === 1 || membership.blocked_by_higher === 1;
  return !blocked && (directMessages === 'anyone' || membership.friends === 1);
}
