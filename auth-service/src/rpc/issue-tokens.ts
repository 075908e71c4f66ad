import { ImError, invalidField } from '@im/common/errors/im-error.ts';
import type { IssueTokensRequest } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { GetAccountResponse } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { AuthContext } from '../context.ts';
import { openSession } from '../session/open-session.ts';

/**
 * Signs in a device of a user whom a product's own login has proved.
 *
 * Throws USER_NOT_FOUND, ACCOUNT_DISABLED, INVALID_FIELD.
 */
export async function issueTokens(context: AuthContext, request: IssueTokensRequest, ctx: CallContext) {
  if (!request.device) throw invalidField('device', 'is required');
  const { user } = await context.users
    .getAccount({ account: accountOf(request) }, { within: ctx })
    .then(enabled);

  // The address is the product's server; the device's own is learnt when it refreshes.
  const opened = await openSession(context, { uid: user.uid, device: request.device, address: '' });

  // Disabled since the first look, the account's sign-out may have run before this session existed.
  // From this second look on it finds the session. Without an answer the session must not stay either.
  try {
    await context.users
      .getAccount({ account: { case: 'uid', value: user.uid } }, { within: ctx })
      .then(enabled);
  } catch (error) {
    const { sessionId } = opened.session;
    await context.sessions.end({ uid: user.uid, sessionId }, SignOutReason_Value.DISABLED, context.now());
    throw error;
  }
  return { user, ...opened };
}

function accountOf({ uid, externalId }: IssueTokensRequest) {
  if (uid !== undefined && externalId === undefined) return { case: 'uid', value: uid } as const;
  if (externalId !== undefined && uid === undefined)
    return { case: 'externalId', value: externalId } as const;
  throw invalidField('uid', 'give exactly one of uid and externalId');
}

function enabled({ user, disabled }: GetAccountResponse) {
  if (!user) throw new ImError('USER_NOT_FOUND', 'there is no such user');
  if (disabled) throw new ImError('ACCOUNT_DISABLED', 'this account is disabled');
  return { user };
}
