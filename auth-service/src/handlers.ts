import type { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { RpcHandlers } from '@im/common/rpc/types.ts';
import type { AuthContext } from './context.ts';
import { batchGetLastSeen } from './rpc/batch-get-last-seen.ts';
import { createSession } from './rpc/create-session.ts';
import { deleteSession } from './rpc/delete-session.ts';
import { issueTokens } from './rpc/issue-tokens.ts';
import { listKeys } from './rpc/list-keys.ts';
import { listRevoked } from './rpc/list-revoked.ts';
import { listSessions } from './rpc/list-sessions.ts';
import { logout } from './rpc/logout.ts';
import { refreshTokens } from './rpc/refresh-tokens.ts';
import { reportSessions } from './rpc/report-sessions.ts';
import { revokeOtherSessions } from './rpc/revoke-other-sessions.ts';
import { revokeUserSessions } from './rpc/revoke-user-sessions.ts';

/** The whole contract of AuthService, one file for each RPC. */
export function authHandlers(context: AuthContext): RpcHandlers<typeof AuthService> {
  return {
    createSession: (request) => createSession(context, request),
    refreshTokens: (request, ctx) => refreshTokens(context, request, ctx),
    logout: (_request, ctx) => logout(context, ctx),
    listSessions: (_request, ctx) => listSessions(context, ctx),
    deleteSession: (request, ctx) => deleteSession(context, request, ctx),
    revokeOtherSessions: (_request, ctx) => revokeOtherSessions(context, ctx),
    listKeys: () => listKeys(context),
    issueTokens: (request, ctx) => issueTokens(context, request, ctx),
    revokeUserSessions: (request) => revokeUserSessions(context, request),
    reportSessions: (request) => reportSessions(context, request),
    batchGetLastSeen: (request) => batchGetLastSeen(context, request),
    listRevoked: (request) => listRevoked(context, request),
  };
}
