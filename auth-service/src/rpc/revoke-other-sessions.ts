import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { AuthContext } from '../context.ts';

/** Signs all of the caller's devices out but the one that asks. */
export async function revokeOtherSessions(context: AuthContext, ctx: CallContext) {
  const { uid, sessionId } = callerUser(ctx);
  await context.sessions.end({ uid, exceptSessionId: sessionId }, SignOutReason_Value.REVOKED, context.now());
  return {};
}
