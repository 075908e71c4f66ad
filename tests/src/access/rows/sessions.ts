import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { row } from '../row.ts';
import { ANY_USER, device } from './common.ts';

const auth = AuthService.method;

export const SESSION_ROWS = [
  row(auth.createSession, {
    services: ['user-service'],
    request: ({ victim }) => ({ uid: victim, device: device() }),
  }),
  row(auth.refreshTokens, {
    public: true,
    request: async ({ refreshToken }) => ({ refreshToken: await refreshToken() }),
  }),
  row(auth.logout, { users: ANY_USER, endsSessions: true, request: () => ({}) }),
  row(auth.listSessions, { users: ANY_USER, request: () => ({}) }),
  row(auth.deleteSession, {
    users: { party: 'ok', another: 'SESSION_NOT_FOUND' },
    request: async ({ session }) => ({ sessionId: await session() }),
  }),
  row(auth.revokeOtherSessions, { users: ANY_USER, endsSessions: true, request: () => ({}) }),
  row(auth.listKeys, { public: true, request: () => ({}) }),
  row(auth.issueTokens, { scope: 'tokens', request: ({ bob }) => ({ uid: bob.uid, device: device() }) }),
  row(auth.revokeUserSessions, {
    services: ['user-service'],
    request: ({ victim }) => ({
      uid: victim,
      reason: SignOutReason_Value.REVOKED,
      createdBefore: new Date(0).toISOString(),
    }),
  }),
  row(auth.listRevoked, { services: ['api-gateway', 'ws-gateway'], request: () => ({}) }),
  row(auth.reportSessions, {
    services: ['ws-gateway'],
    request: () => ({ gatewayBootId: 'of a gateway that is gone' }),
  }),
  row(auth.batchGetLastSeen, { services: ['chat-service'], request: ({ ann }) => ({ uids: [ann.uid] }) }),
];
