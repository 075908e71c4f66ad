import { invalidField } from '@im/common/errors/im-error.ts';
import type { RevokeUserSessionsRequest } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { AuthContext } from '../context.ts';

/**
 * Ends the sessions of a user that were opened before a moment. May come again and late: sessions
 * opened since are not touched, ended ones keep their reason.
 */
export async function revokeUserSessions(context: AuthContext, request: RevokeUserSessionsRequest) {
  const { uid, exceptSessionId, reason } = request;
  const createdBefore = Date.parse(request.createdBefore);
  if (Number.isNaN(createdBefore)) throw invalidField('createdBefore', 'must be an RFC 3339 time');
  await context.sessions.end({ uid, exceptSessionId, createdBefore }, reason, context.now());
  return {};
}
