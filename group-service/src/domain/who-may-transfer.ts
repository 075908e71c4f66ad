import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { roleRequired } from './role-required.ts';

/**
 * The owner hands the group over. False when `target` has it already, which is
 * also what a former owner, now an admin, hears who asks once more after a lost
 * answer. Throws ROLE_REQUIRED.
 */
export function requireMayTransfer(caller: Role, target: Role): boolean {
  if (caller === Role.OWNER) return target !== Role.OWNER;
  if (caller === Role.ADMIN && target === Role.OWNER) return false;
  throw roleRequired('only the owner hands the group over');
}
