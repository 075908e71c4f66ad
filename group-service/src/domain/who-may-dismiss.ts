import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { roleRequired } from './role-required.ts';

/** The owner; throws ROLE_REQUIRED. */
export function requireMayDismiss(caller: Role): void {
  if (caller !== Role.OWNER) throw roleRequired('only the owner dismisses the group');
}
