import { ImError } from '@im/common/errors/im-error.ts';
import { Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { TargetMessage } from './edit.ts';

/** Who asks for a recall: the system, or a member with their role. */
export type Recaller =
  | { readonly kind: 'system' }
  | { readonly kind: 'member'; readonly uid: string; readonly role: number };

/**
 * Who may recall a message: the system and a group's owner any; an admin any
 * but the owner's and other admins'; its sender within the window.
 *
 * @param senderRole the role of the message's sender now; MEMBER when they have left
 * @param at now, milliseconds since 1970
 */
export function requireRecallable(
  target: TargetMessage,
  senderRole: number,
  recaller: Recaller,
  at: number,
  windowMs: number,
): void {
  if (recaller.kind === 'system' || recaller.role === Role_Value.OWNER) return;
  const own = target.senderUid === recaller.uid;
  if (recaller.role === Role_Value.ADMIN && (own || senderRole === Role_Value.MEMBER)) return;
  if (!own) throw new ImError('NOT_THE_SENDER', 'you may not recall this message');
  if (at - target.sentAt > windowMs) {
    throw new ImError('RECALL_WINDOW_PASSED', 'the message is too old to be recalled');
  }
}
