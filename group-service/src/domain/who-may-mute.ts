import type { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { isAbove } from './rank.ts';
import { roleRequired } from './role-required.ts';

/** Those above somebody mute and unmute them, nobody oneself; throws ROLE_REQUIRED. */
export function requireMayMute(caller: Role, target: Role): void {
  if (!isAbove(caller, target)) throw roleRequired('only those above a member mute them');
}
