import type { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { isAbove } from './rank.ts';
import { roleRequired } from './role-required.ts';

/** Those above somebody remove them; throws ROLE_REQUIRED. */
export function requireMayRemove(caller: Role, target: Role): void {
  if (!isAbove(caller, target)) throw roleRequired('only those above a member remove them');
}
