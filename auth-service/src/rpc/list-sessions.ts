import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { AuthContext } from '../context.ts';
import { sessionMessage } from '../session/session-message.ts';

/** The caller's signed-in devices, last seen first. */
export async function listSessions(context: AuthContext, ctx: CallContext) {
  const { uid, sessionId } = callerUser(ctx);
  const sessions = await context.sessions.list(uid, context.now());
  return {
    sessions: sessions.map((session) =>
      sessionMessage(session, { current: session.sessionId === sessionId, online: session.online }),
    ),
  };
}
