import type { ReportSessionsRequest } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { AuthContext } from '../context.ts';

/** Takes a gateway's word for which sessions have sockets. May come again; what is missed expires by itself. */
export async function reportSessions(context: AuthContext, request: ReportSessionsRequest) {
  const { gatewayBootId, onlineSessionIds, offlineSessionIds } = request;
  await context.sessions.report({
    gatewayBootId,
    online: onlineSessionIds,
    offline: offlineSessionIds,
    at: context.now(),
  });
  return {};
}
