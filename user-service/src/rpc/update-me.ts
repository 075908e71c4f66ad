import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError, invalidField } from '@im/common/errors/im-error.ts';
import type { UpdateMeRequest, UpdateMeResponseSchema } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { lockAccount } from '../account-access.ts';
import { changeProfile, type ProfileChange } from '../change-profile.ts';
import type { UserContext } from '../context.ts';
import { parseAvatarUrl } from '../domain/avatar-url.ts';
import { defaultNickname, parseNickname, parseText } from '../domain/profile-text.ts';
import { mergeSettings } from '../domain/settings.ts';
import { ownUser } from '../domain/user-view.ts';
import { handOver } from '../hand-over.ts';
import type { Account } from '../store/account.ts';

/** What becomes of an account by each field that a mask may name; an absent one is cleared. */
const FIELDS: Record<string, (request: UpdateMeRequest, account: Account) => ProfileChange> = {
  nickname: ({ nickname }, account) => ({
    nickname:
      nickname === undefined
        ? defaultNickname({ username: account.username, externalId: account.external_id })
        : parseNickname(nickname),
  }),
  avatar_url: ({ avatarUrl }) => ({ avatar_url: parseAvatarUrl(avatarUrl ?? '') }),
  bio: ({ bio }) => ({ bio: parseText('bio', bio ?? '') }),
  settings: ({ settings }, account) => ({ settings: mergeSettings(account.settings, settings) }),
};

/** Changes the caller's own profile. */
export async function updateMe(
  context: UserContext,
  request: UpdateMeRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof UpdateMeResponseSchema>> {
  const { uid } = callerUser(ctx);
  const fields = maskedFields(request.updateMask?.paths ?? []);
  const account = await context.database.transaction(async (trx) => {
    const locked = await lockAccount(trx, uid);
    const change = Object.assign({}, ...fields.map((field) => field(request, locked))) as ProfileChange;
    return changeProfile(trx, locked, change, context.now());
  });
  await handOver(context, uid, ['chat'], ctx);
  return { user: ownUser(account) };
}

function maskedFields(paths: readonly string[]) {
  if (paths.length === 0) throw new ImError('EMPTY_PATCH', 'name at least one field to change');
  return paths.map((path) => {
    // settings merge key by key anyway, so a path into them says nothing more.
    const field = Object.hasOwn(FIELDS, path) ? path : path.startsWith('settings.') ? 'settings' : undefined;
    if (field === undefined) throw invalidField('updateMask', `${path} cannot be changed here`);
    return FIELDS[field]!;
  });
}
