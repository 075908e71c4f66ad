import type { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { leads } from './rank.ts';
import { roleRequired } from './role-required.ts';

/** Owner and admins; throws ROLE_REQUIRED. */
export function requireMayChangeGroup(caller: Role): void {
  if (!leads(caller)) throw roleRequired('only the owner and admins change the group');
}
