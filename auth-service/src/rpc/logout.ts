import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { AuthContext } from '../context.ts';

/** Ends the session that calls. One that has ended already stays so. */
export async function logout(context: AuthContext, ctx: CallContext) {
  const { uid, sessionId } = callerUser(ctx);
  await context.sessions.end({ uid, sessionId }, SignOutReason_Value.REVOKED, context.now());
  return {};
}
