import type { MessageInitShape } from '@bufbuild/protobuf';
import { retryLostRace } from '@im/common/database/retry-lost-race.ts';
import { ImError } from '@im/common/errors/im-error.ts';
import type {
  CreateUserRequest,
  CreateUserResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { UserContext } from '../context.ts';
import { defaultNickname, parseNickname } from '../domain/profile-text.ts';
import { publicUser } from '../domain/user-view.ts';
import { parseUsername } from '../domain/username.ts';
import { handOver } from '../hand-over.ts';
import { openAccount } from '../open-account.ts';

/** Registers somebody with a password of their own. */
export async function createUser(
  context: UserContext,
  request: CreateUserRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof CreateUserResponseSchema>> {
  if (context.config.registration === 'closed') {
    throw new ImError('REGISTRATION_CLOSED', 'accounts are not made here by oneself');
  }
  const username = parseUsername(request.username);
  const nickname =
    request.nickname === undefined
      ? defaultNickname({ given: request.username, username, externalId: null })
      : parseNickname(request.nickname);
  const passwordHash = await context.passwords.hash(request.password, ctx.signal);
  const wanted = { username, externalId: null, nickname, avatarUrl: '', passwordHash, disabled: false };
  const made = { at: context.now(), newUid: context.newUid };
  const account = await retryLostRace(() =>
    context.database.transaction((trx) => openAccount(trx, wanted, made)),
  );
  await handOver(context, account.uid, ['chat'], ctx);
  return { user: publicUser(account) };
}
