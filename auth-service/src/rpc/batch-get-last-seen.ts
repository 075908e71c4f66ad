import type { BatchGetLastSeenRequest } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { AuthContext } from '../context.ts';

/** When users were last seen on any device; who may know it is decided by the service that asks. */
export async function batchGetLastSeen(context: AuthContext, { uids }: BatchGetLastSeenRequest) {
  const seen = await context.sessions.lastSeen(uids);
  return { seen: [...seen].map(([uid, at]) => ({ uid, at: new Date(at).toISOString() })) };
}
