import type { MessageInitShape } from '@bufbuild/protobuf';
import { retryLostRace } from '@im/common/database/retry-lost-race.ts';
import type {
  UpsertUserRequest,
  UpsertUserResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { Transaction } from 'kysely';
import { lockAccount } from '../account-access.ts';
import { changeProfile, type ProfileChange } from '../change-profile.ts';
import type { UserContext } from '../context.ts';
import { parseAvatarUrl } from '../domain/avatar-url.ts';
import { defaultNickname, parseNickname, parseText } from '../domain/profile-text.ts';
import { publicUser } from '../domain/user-view.ts';
import { parseUsername } from '../domain/username.ts';
import { handOver } from '../hand-over.ts';
import { openAccount, refuseTaken } from '../open-account.ts';
import { setDisabled } from '../set-disabled.ts';
import { type Account, findByExternalId } from '../store/account.ts';
import type { UserTables } from '../store/tables.ts';

interface Wanted {
  externalId: string;
  profile: ProfileChange;
  /** As the product wrote it. */
  usernameGiven: string | undefined;
  disabled: boolean | undefined;
}

/** Makes the account of a product's own id, or changes what the request names of it. */
export async function upsertUser(
  context: UserContext,
  request: UpsertUserRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof UpsertUserResponseSchema>> {
  const wanted = parse(request);
  const account = await retryLostRace(() =>
    context.database.transaction(async (trx) => {
      const known = await findByExternalId(trx, wanted.externalId);
      return known ? change(context, trx, known, wanted) : make(context, trx, wanted);
    }),
  );
  await handOver(context, account.uid, ['chat', 'auth'], ctx);
  return { user: publicUser(account) };
}

function parse({ externalId, username, nickname, avatarUrl, disabled }: UpsertUserRequest): Wanted {
  const profile: ProfileChange = {};
  if (username !== undefined) profile.username = parseUsername(username);
  if (nickname !== undefined) profile.nickname = parseNickname(nickname);
  if (avatarUrl !== undefined) profile.avatar_url = parseAvatarUrl(avatarUrl);
  return { externalId: parseText('externalId', externalId), profile, usernameGiven: username, disabled };
}

function make(
  context: UserContext,
  trx: Transaction<UserTables>,
  { externalId, profile, usernameGiven, disabled = false }: Wanted,
): Promise<Account> {
  const username = profile.username ?? null;
  const wanted = {
    username,
    externalId,
    nickname: profile.nickname ?? defaultNickname({ given: usernameGiven, username, externalId }),
    avatarUrl: profile.avatar_url ?? '',
    passwordHash: null,
    disabled,
  };
  return openAccount(trx, wanted, { at: context.now(), newUid: context.newUid });
}

async function change(
  context: UserContext,
  trx: Transaction<UserTables>,
  known: Account,
  { profile, disabled }: Wanted,
): Promise<Account> {
  const at = context.now();
  const locked = await lockAccount(trx, known.uid);
  if (profile.username !== undefined && profile.username !== locked.username) {
    await refuseTaken(trx, profile.username);
  }
  const changed = await changeProfile(trx, locked, profile, at);
  if (disabled !== undefined) await setDisabled(trx, changed, disabled, at);
  return changed;
}
