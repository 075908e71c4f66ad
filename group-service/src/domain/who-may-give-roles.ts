import { ImError, invalidField } from '@im/common/errors/im-error.ts';
import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { roleRequired } from './role-required.ts';

/**
 * The owner makes admins of members and members of admins. Throws ROLE_REQUIRED,
 * INVALID_FIELD (nobody is made owner so), OWNER_MUST_TRANSFER (nor loses it).
 */
export function requireMayGiveRole(caller: Role, target: Role, role: Role): void {
  if (caller !== Role.OWNER) throw roleRequired('only the owner gives roles');
  if (role === Role.OWNER) throw invalidField('role', 'a group changes hands by a transfer');
  if (target === Role.OWNER) {
    throw new ImError('OWNER_MUST_TRANSFER', 'the owner hands the group over first');
  }
}
