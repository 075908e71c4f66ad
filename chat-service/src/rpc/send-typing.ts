import type { SendTypingRequest } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { ChatContext } from '../context.ts';
import { openSpan } from '../domain/spans.ts';
import { requireViewer } from '../read/viewer.ts';
import { readSpans } from '../store/span.ts';
import { resolveConversation } from './resolve-conversation.ts';

/** In larger conversations nobody is told who types. */
const MAX_MEMBERS_TOLD = 100;

/** Tells the other members that someone types. May be lost. */
export async function sendTyping(
  { database, partitions, gateways }: ChatContext,
  { uid, conversationId: named }: SendTypingRequest,
): Promise<Record<string, never>> {
  const conversationId = resolveConversation(named, uid);
  const viewer = await requireViewer(database.read, partitions, conversationId, uid);
  if (!openSpan(viewer.spans)) return {};
  const spans = await readSpans(database.read, [[viewer.membership.partition_id, conversationId]]);
  const present = spans.filter((span) => span.to_seq === null).map((span) => span.uid);
  if (present.length > MAX_MEMBERS_TOLD) return {};
  const others = present.filter((other) => other !== uid);
  await gateways.deliver([{ uids: others, frame: { case: 'typing', value: { conversationId, uid } } }]);
  return {};
}
