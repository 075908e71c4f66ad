import { ImError } from '@im/common/errors/im-error.ts';
import type { DeleteSessionRequest } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { AuthContext } from '../context.ts';

/** Signs one of the caller's devices out. SESSION_NOT_FOUND alike for another's session and for none. */
export async function deleteSession(
  context: AuthContext,
  { sessionId }: DeleteSessionRequest,
  ctx: CallContext,
) {
  const { uid } = callerUser(ctx);
  const ended = await context.sessions.end({ uid, sessionId }, SignOutReason_Value.REVOKED, context.now());
  if (ended === 0) throw new ImError('SESSION_NOT_FOUND', 'you have no such session');
  return {};
}
