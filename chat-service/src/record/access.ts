import { ImError } from '@im/common/errors/im-error.ts';
import { type ConversationId, parseConversationId } from '@im/common/utils/conversation-id.ts';
import { requireDirectAllowed } from '../domain/friend-required.ts';
import { requireGroupSend } from '../domain/group-send.ts';
import type { Batch } from '../lane/batch.ts';
import type { ConversationDraft } from '../lane/conversation-draft.ts';
import { isMember, type MemberState } from '../lane/conversation-state.ts';
import { type RecordSettings, SYSTEM_UID } from './settings.ts';

/**
 * Who may write what, decided under the partition's lock: the only functions
 * by which records let anybody in.
 */

export function conversationNotFound(): ImError {
  return new ImError('CONVERSATION_NOT_FOUND', 'no such conversation');
}

/** The conversation and the caller's row, for someone who is a member now. */
export function requireMember(
  batch: Batch,
  conversationId: string,
  uid: string,
): { draft: ConversationDraft; member: MemberState } {
  const known = requireKnown(batch, conversationId, uid);
  if (!isMember(known.member)) throw new ImError('NOT_A_MEMBER', 'you are no longer a member');
  return known;
}

/** The same for someone who is or was a member. To everybody else it does not exist. */
export function requireKnown(
  batch: Batch,
  conversationId: string,
  uid: string,
): { draft: ConversationDraft; member: MemberState } {
  const draft = batch.conversation(conversationId);
  const member = draft?.member(uid);
  if (!draft || !member || draft.row.head_seq === 0) throw conversationNotFound();
  return { draft, member };
}

/** Whether a user may write a message here now; the conversation may be new. */
export function requireMaySend(
  batch: Batch,
  id: ConversationId,
  conversationId: string,
  uid: string,
  settings: RecordSettings,
): void {
  if (id.kind === 'direct') {
    requireDirectSend(batch, id, conversationId, uid, settings);
    return;
  }
  if (id.kind === 'notice') {
    if (id.uid !== uid) throw conversationNotFound();
    throw new ImError('READ_ONLY', 'nobody writes to notices');
  }
  const { draft, member } = requireMember(batch, conversationId, uid);
  requireGroupSend(
    { dismissed: draft.row.closed === 1, muteAll: draft.row.mute_all === 1 },
    { role: member.row.role, mutedUntil: member.row.muted_until },
    batch.now,
  );
}

function requireDirectSend(
  batch: Batch,
  id: ConversationId & { kind: 'direct' },
  conversationId: string,
  uid: string,
  settings: RecordSettings,
): void {
  if (uid !== id.lower && uid !== id.higher) throw conversationNotFound();
  if (id.lower === SYSTEM_UID) throw new ImError('DIRECT_NOT_ALLOWED', 'users do not write to the system');
  const accounts = [batch.account(id.lower), batch.account(id.higher)];
  if (accounts.some((account) => account === undefined)) throw new ImError('USER_NOT_FOUND', 'no such user');
  const row = batch.conversation(conversationId)?.row;
  requireDirectAllowed(
    {
      friends: row?.friends === 1,
      blocked: (uid === id.lower ? row?.blocked_by_higher : row?.blocked_by_lower) === 1,
    },
    accounts.filter((account) => account !== undefined),
    settings.directMessages,
  );
}

/** The system writes wherever there is somebody to read it, but nobody writes to notices. */
export function requireSystemMaySend(batch: Batch, id: ConversationId, conversationId: string): void {
  if (id.kind === 'notice') throw new ImError('READ_ONLY', 'nobody writes to notices');
  if (id.kind === 'group') {
    const group = batch.conversation(conversationId)?.row;
    if (!group?.head_seq) throw conversationNotFound();
    if (group.closed === 1) throw new ImError('READ_ONLY', 'the group was dismissed');
  }
  if (directParties(conversationId).some((uid) => !batch.account(uid))) {
    throw new ImError('USER_NOT_FOUND', 'no such user');
  }
}

/** People whose accounts decide whether a direct message may be sent. */
export function directParties(conversationId: string): string[] {
  const id = parseConversationId(conversationId);
  return id?.kind === 'direct' ? [id.lower, id.higher].filter((uid) => uid !== SYSTEM_UID) : [];
}
