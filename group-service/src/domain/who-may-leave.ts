import { ImError } from '@im/common/errors/im-error.ts';
import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';

/** Everybody but the owner, also where the owner is the only member; throws OWNER_MUST_TRANSFER. */
export function requireMayGo(role: Role): void {
  if (role === Role.OWNER) {
    throw new ImError('OWNER_MUST_TRANSFER', 'the owner hands the group over first, or dismisses it');
  }
}
