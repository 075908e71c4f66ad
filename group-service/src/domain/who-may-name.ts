import type { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { isAbove } from './rank.ts';
import { roleRequired } from './role-required.ts';

interface Somebody {
  readonly uid: string;
  readonly role: Role;
}

/** Everybody gives themselves a nickname in the group, and those above somebody give them one; throws ROLE_REQUIRED. */
export function requireMayName(caller: Somebody, target: Somebody): void {
  if (caller.uid !== target.uid && !isAbove(caller.role, target.role)) {
    throw roleRequired('only those above a member give them a nickname');
  }
}
