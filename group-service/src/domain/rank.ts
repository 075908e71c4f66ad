import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';

/** From the highest to the lowest. */
const RANKS: readonly Role[] = [Role.OWNER, Role.ADMIN, Role.MEMBER];

/** Whether one role is above another: the owner above admins, admins above members. */
export function isAbove(role: Role, other: Role): boolean {
  return RANKS.indexOf(role) < RANKS.indexOf(other);
}

/** Owner and admins. */
export function leads(role: Role): boolean {
  return isAbove(role, Role.MEMBER);
}
