import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ControlRecordSchema } from '@im/common/gen/im/chat/v1/control_pb.ts';
import type { Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { GroupRow } from '../store/grp.ts';
import type { MemberFields } from '../store/member.ts';
import { groupView } from './group-view.ts';

/** One change as the group's log is told it. */
export type ControlRecord = MessageInitShape<typeof ControlRecordSchema>;
/** What the change is. */
export type ControlKind = NonNullable<ControlRecord['kind']>;

/** The server API as the one who acts. */
export const SYSTEM_UID = '0';

/** Members joined; `inviterUid` let them in, themselves where nobody had to. At most 200 at once. */
export function membersAdded(
  uids: readonly string[],
  by: { inviterUid: string; role: Role_Value; group: Pick<GroupRow, 'history_policy'> },
): ControlKind {
  const { inviterUid, role, group } = by;
  return {
    case: 'addMembers',
    value: { uids: [...uids], inviterUid, role, history: group.history_policy },
  };
}

export function memberRemoved(uid: string, left: boolean): ControlKind {
  return { case: 'removeMembers', value: { uids: [uid], left } };
}

/** A member's role, mute or nickname changed; what did not is left out. A mute that was ended is one until 1970. */
export function memberUpdated(uid: string, fields: MemberFields): ControlKind {
  const { role, nickname, muted_until: until } = fields;
  const mutedUntil = until === undefined ? undefined : new Date(until).toISOString();
  return { case: 'updateMember', value: { uid, role, nickname, mutedUntil } };
}

/** The group is this now. */
export function groupUpdated(row: GroupRow): ControlKind {
  return { case: 'updateGroup', value: { group: groupView(row) } };
}
