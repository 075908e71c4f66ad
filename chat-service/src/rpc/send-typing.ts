import { ImError } from '@im/common/errors/im-error.ts';
import type { SendTypingRequest } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import type { ChatContext } from '../context.ts';
import { requireDirectAllowed } from '../domain/friend-required.ts';
import { requireGroupSend } from '../domain/group-send.ts';
import { openSpan } from '../domain/spans.ts';
import { requireViewer, type Viewer } from '../read/viewer.ts';
import { readPresentMembers } from '../store/span.ts';
import { resolveConversation } from './resolve-conversation.ts';

/** In larger conversations nobody is told who types. */
const MAX_MEMBERS_TOLD = 100;

/** Tells the other members that someone types. May be lost; who could not send is not heard typing either. */
export async function sendTyping(
  { database, partitions, gateways, settings, host }: ChatContext,
  { uid, conversationId: named }: SendTypingRequest,
): Promise<Record<string, never>> {
  const conversationId = resolveConversation(named, uid);
  const viewer = await requireViewer(database.read, partitions, conversationId, uid);
  if (!openSpan(viewer.spans) || !mayBeHeard(viewer, settings.directMessages, host.now())) return {};
  const { partition_id } = viewer.membership;
  const present = await readPresentMembers(database.read, partition_id, conversationId, MAX_MEMBERS_TOLD + 1);
  if (present.length > MAX_MEMBERS_TOLD) return {};
  const others = present.filter((other) => other !== uid);
  await gateways.deliver([{ uids: others, frame: { case: 'typing', value: { conversationId, uid } } }]);
  return {};
}

/** Who may not write is not heard; what a block hides shows as nothing. */
function mayBeHeard({ uid, membership }: Viewer, directMessages: 'friends' | 'anyone', now: number): boolean {
  const id = parseConversationId(membership.conversation_id);
  try {
    if (id?.kind === 'direct') {
      const blocked = uid === id.lower ? membership.blocked_by_higher : membership.blocked_by_lower;
      requireDirectAllowed({ friends: membership.friends === 1, blocked: blocked === 1 }, [], directMessages);
    } else {
      const group = { dismissed: membership.closed === 1, muteAll: membership.mute_all === 1 };
      requireGroupSend(group, { role: membership.role, mutedUntil: membership.muted_until }, now);
    }
    return true;
  } catch (error) {
    if (error instanceof ImError) return false;
    throw error;
  }
}
