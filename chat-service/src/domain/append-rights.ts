import { ImError } from '@im/common/errors/im-error.ts';
import type { ControlRecord } from '@im/common/gen/im/chat/v1/control_pb.ts';
import { type ConversationId, parseConversationId } from '@im/common/utils/conversation-id.ts';

type ControlKind = NonNullable<ControlRecord['kind']['case']>;

/** Which service owns which change, and in which kind of conversation it is written. */
const OWNERS: Record<ControlKind, { service: string; conversation: ConversationId['kind'] }> = {
  addMembers: { service: 'group-service', conversation: 'group' },
  removeMembers: { service: 'group-service', conversation: 'group' },
  updateMember: { service: 'group-service', conversation: 'group' },
  updateGroup: { service: 'group-service', conversation: 'group' },
  dismissGroup: { service: 'group-service', conversation: 'group' },
  addFriendship: { service: 'friend-service', conversation: 'direct' },
  removeFriendship: { service: 'friend-service', conversation: 'direct' },
  setBlock: { service: 'friend-service', conversation: 'direct' },
  notifyFriendRequest: { service: 'friend-service', conversation: 'notice' },
  notifyFriendAdded: { service: 'friend-service', conversation: 'notice' },
  notifyFriendRemoved: { service: 'friend-service', conversation: 'notice' },
  openAccount: { service: 'user-service', conversation: 'notice' },
  setAccountState: { service: 'user-service', conversation: 'notice' },
  changeProfile: { service: 'user-service', conversation: 'notice' },
};

/** Refuses changes that are not the service's to make, or not in this conversation. */
export function requireAppendRight(
  service: string,
  conversationId: string,
  records: readonly ControlRecord[],
): void {
  const id = parseConversationId(conversationId);
  for (const { kind } of records) {
    const owner = kind.case && OWNERS[kind.case];
    if (!owner || owner.service !== service || owner.conversation !== id?.kind) {
      throw new ImError('ACCESS_DENIED', 'this change is not yours to append here');
    }
  }
}
