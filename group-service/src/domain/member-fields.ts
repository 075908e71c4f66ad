import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { UpdateMemberRequest } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { MemberFields, MemberRow } from '../store/member.ts';
import { maskedFields } from './masked-fields.ts';
import { parseMutedUntil } from './muted-until.ts';
import { parseLine } from './text.ts';
import { requireMayGiveRole } from './who-may-give-roles.ts';
import { requireMayMute } from './who-may-mute.ts';
import { requireMayName } from './who-may-name.ts';

/** What becomes of a member by each field that a mask may name; an absent one is cleared. `now` in milliseconds since 1970. */
const FIELDS = {
  role({ role = Role.MEMBER }, caller, target) {
    requireMayGiveRole(caller.role, target.role, role);
    return { role };
  },
  nickname({ nickname = '' }, caller, target) {
    requireMayName(caller, target);
    return { nickname: parseLine('nickname', nickname) };
  },
  muted_until({ mutedUntil }, caller, target, now) {
    requireMayMute(caller.role, target.role);
    const until = parseMutedUntil(mutedUntil, now);
    // To end what is over already changes nothing.
    return { muted_until: until === 0 && target.muted_until <= now ? target.muted_until : until };
  },
} satisfies Record<
  string,
  (request: UpdateMemberRequest, caller: MemberRow, target: MemberRow, now: number) => MemberFields
>;

/**
 * What a member's request makes of another, or of themselves; each field by its
 * own rule, all or none. Throws EMPTY_PATCH, INVALID_FIELD, ROLE_REQUIRED,
 * OWNER_MUST_TRANSFER.
 */
export function memberFieldsOf(
  request: UpdateMemberRequest,
  people: { caller: MemberRow; target: MemberRow; now: number },
): MemberFields {
  const { caller, target, now } = people;
  const names = maskedFields(request.updateMask, Object.keys(FIELDS) as (keyof typeof FIELDS)[]);
  return Object.assign({}, ...[...names].map((name) => FIELDS[name](request, caller, target, now)));
}
