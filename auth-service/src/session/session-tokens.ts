import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TokensSchema } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { AuthContext } from '../context.ts';
import { signAccessToken } from '../domain/access-token.ts';
import { signingKeyAt } from '../domain/signing-keys.ts';
import type { NewSession } from './sessions.ts';

/** A fresh access token for a session, together with the refresh token given (its expiry in milliseconds since 1970). */
export async function sessionTokens(
  context: AuthContext,
  { uid, sessionId, platform }: Pick<NewSession, 'uid' | 'sessionId' | 'platform'>,
  refresh: { token: string; expiresAt: number },
): Promise<MessageInitShape<typeof TokensSchema>> {
  const now = context.now();
  const access = await signAccessToken(signingKeyAt(context.signingKeys, now), {
    uid,
    sessionId,
    platform,
    now,
    bornAt: await context.sessions.bornAt(now),
    lifetimeSeconds: context.config.accessTokenSeconds,
  });
  return {
    accessToken: access.token,
    accessTokenExpiresAt: new Date(access.expiresAt).toISOString(),
    refreshToken: refresh.token,
    refreshTokenExpiresAt: new Date(refresh.expiresAt).toISOString(),
  };
}
