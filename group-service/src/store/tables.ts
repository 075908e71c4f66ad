import type { OutboxTables } from '@im/common/model/outbox.ts';
import type { GroupTable } from './grp.ts';
import type { JoinRequestTable } from './join-request.ts';
import type { LeftMuteTable } from './left-mute.ts';
import type { MemberTable } from './member.ts';

/** group-service's schema. */
export interface GroupTables extends OutboxTables {
  /** Not `group`, which is a keyword. */
  grp: GroupTable;
  join_request: JoinRequestTable;
  left_mute: LeftMuteTable;
  member: MemberTable;
}
