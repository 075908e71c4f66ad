import { ImError } from '@im/common/errors/im-error.ts';
import type { RefreshTokensRequest } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { AuthContext } from '../context.ts';
import { judgeRefresh } from '../domain/refresh-rules.ts';
import { parseRefreshToken, refreshTokenHash, refreshTokenOf } from '../domain/refresh-token.ts';
import { DAY_MS } from '../session/open-session.ts';
import { sessionTokens } from '../session/session-tokens.ts';

/**
 * Gives the next tokens of a session for its newest refresh token.
 *
 * Throws TOKEN_INVALID, TOKEN_EXPIRED, or SESSION_REVOKED, the last also when a token comes that was used
 * up long ago, which ends the session.
 */
export async function refreshTokens(
  context: AuthContext,
  { refreshToken }: RefreshTokensRequest,
  ctx: CallContext,
) {
  const { sessions, refreshSecret, config } = context;
  const presented = parseRefreshToken(refreshSecret, refreshToken);
  if (!presented) throw unknownToken();
  const { sessionId } = presented;

  // Repeated only when another refresh of the session was quicker; as generations only grow, the token
  // is not the newest then, and the second judgement is the last.
  for (;;) {
    const now = context.now();
    const session = await sessions.find(sessionId);
    const verdict = judgeRefresh(session, presented, now, config.refreshGraceSeconds * 1_000);
    if (!session || verdict === 'unknown') throw unknownToken();

    switch (verdict) {
      case 'rotate': {
        const fromGeneration = session.family.generation;
        const token = refreshTokenOf(refreshSecret, sessionId, fromGeneration + 1);
        const expiresAt = now + config.refreshTokenDays * DAY_MS;
        const rotated = await sessions.rotate({
          sessionId,
          fromGeneration,
          newestHash: refreshTokenHash(token),
          expiresAt,
          at: now,
          address: ctx.clientAddress,
        });
        if (!rotated) continue;
        return { tokens: await sessionTokens(context, session, { token, expiresAt }) };
      }
      case 'repeat': {
        const { generation, newestHash, expiresAt } = session.family;
        const token = refreshTokenOf(refreshSecret, sessionId, generation);
        // Made with a secret that has been changed since: it cannot be made again.
        if (refreshTokenHash(token) !== newestHash) throw unknownToken();
        return { tokens: await sessionTokens(context, session, { token, expiresAt }) };
      }
      case 'reused':
        await sessions.end({ uid: session.uid, sessionId }, SignOutReason_Value.TOKEN_REUSED, now);
        ctx.log.warn({ uid: session.uid, sessionId }, 'an old refresh token was used again; session ended');
        throw sessionEnded();
      case 'revoked':
        throw sessionEnded();
      case 'expired':
        throw new ImError('TOKEN_EXPIRED', 'the refresh token has expired; sign in again');
    }
  }
}

const unknownToken = () => new ImError('TOKEN_INVALID', 'this is not a valid refresh token');
const sessionEnded = () => new ImError('SESSION_REVOKED', 'this session has ended; sign in again');
