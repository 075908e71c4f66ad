import type { ListRevokedRequest } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { AuthContext } from '../context.ts';

/** Entries in one answer, some 100 bytes each; who asks again with the cursor gets the rest. */
const PAGE = 5_000;

/** Sessions ended since a cursor. There is more as long as an answer has entries. */
export async function listRevoked(context: AuthContext, { cursor }: ListRevokedRequest) {
  const [page, bornAt] = await Promise.all([
    context.sessions.revocationsSince(cursor, PAGE),
    context.sessions.bornAt(context.now()),
  ]);
  return {
    revoked: page.revocations.map(({ sessionId, uid, reason }) => ({ sessionId, uid, reason })),
    cursor: page.cursor,
    bornAt: new Date(bornAt).toISOString(),
  };
}
