import type { MessageInitShape } from '@bufbuild/protobuf';
import type { UserSchema } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { Account } from '../store/account.ts';
import { parseSettings } from './settings.ts';

type User = MessageInitShape<typeof UserSchema>;

/** A person as everybody may see them. */
export function publicUser(account: Account): User {
  return {
    uid: account.uid,
    username: account.username ?? '',
    nickname: account.nickname,
    avatarUrl: account.avatar_url,
    bio: account.bio,
    createdAt: new Date(account.created_at).toISOString(),
    externalId: account.external_id ?? undefined,
  };
}

/** A person as they see themselves: with their settings. For nobody else. */
export function ownUser(account: Account): User {
  return { ...publicUser(account), settings: parseSettings(account.settings) };
}
