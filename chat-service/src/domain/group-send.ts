import { ImError } from '@im/common/errors/im-error.ts';
import { Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';

/** Whether a member may write in a group now: not dismissed, not muted. `now` and `mutedUntil` in milliseconds. */
export function requireGroupSend(
  group: { readonly dismissed: boolean; readonly muteAll: boolean },
  member: { readonly role: number; readonly mutedUntil: number },
  now: number,
): void {
  if (group.dismissed) throw new ImError('READ_ONLY', 'the group was dismissed');
  const leads = member.role === Role_Value.OWNER || member.role === Role_Value.ADMIN;
  if (group.muteAll && !leads) throw new ImError('GROUP_MUTED', 'everybody is muted in this group');
  if (member.mutedUntil > now) {
    throw new ImError('MEMBER_MUTED', 'you are muted in this group', {
      mutedUntil: new Date(member.mutedUntil).toISOString(),
    });
  }
}
