import { invalidField } from '@im/common/errors/im-error.ts';
import {
  HistoryPolicy_Value as HistoryPolicy,
  JoinPolicy_Value as JoinPolicy,
} from '@im/common/gen/im/group/v1/group_pb.ts';
import type { UpdateGroupRequest } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { GroupFields } from '../store/grp.ts';
import { parseAvatarUrl } from './avatar-url.ts';
import { maskedFields } from './masked-fields.ts';
import { parseName } from './text.ts';

/** What a group has that nobody changed yet, and again when it is cleared. */
export const DEFAULT_POLICIES = {
  join_policy: JoinPolicy.INVITE_ONLY,
  history_policy: HistoryPolicy.ALL,
} as const;

/** What becomes of a group by each field that a mask may name; an absent one is cleared. */
const FIELDS = {
  name({ name }) {
    if (name === undefined) throw invalidField('name', 'a group has a name');
    return { name: parseName(name) };
  },
  avatar_url: ({ avatarUrl = '' }) => ({ avatar_url: parseAvatarUrl(avatarUrl) }),
  announcement: ({ announcement = '' }) => ({ announcement }),
  join_policy: ({ joinPolicy = DEFAULT_POLICIES.join_policy }) => ({ join_policy: joinPolicy }),
  history_policy: ({ historyPolicy = DEFAULT_POLICIES.history_policy }) => ({
    history_policy: historyPolicy,
  }),
  mute_all: ({ muteAll = false }) => ({ mute_all: muteAll ? 1 : 0 }),
} satisfies Record<string, (request: UpdateGroupRequest) => GroupFields>;

/** What a request makes of a group. Throws EMPTY_PATCH, INVALID_FIELD. */
export function groupFieldsOf(request: UpdateGroupRequest): GroupFields {
  const names = maskedFields(request.updateMask, Object.keys(FIELDS) as (keyof typeof FIELDS)[]);
  return Object.assign({}, ...[...names].map((name) => FIELDS[name](request)));
}
