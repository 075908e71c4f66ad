import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListJoinRequestsRequest,
  ListJoinRequestsResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { z } from 'zod';
import { requireMember } from '../access.ts';
import type { GroupContext } from '../context.ts';
import { joinRequestView } from '../domain/join-request-view.ts';
import { requireMayDecideRequests } from '../domain/who-may-decide-requests.ts';
import { readPage } from '../page.ts';
import { listRequests } from '../store/join-request.ts';

const schema = z.strictObject({ createdAt: z.int(), requestId: z.string() });

/** Requests to join, the newest first, whatever became of them, for owner and admins. GROUP_NOT_FOUND, ROLE_REQUIRED. */
export async function listJoinRequests(
  { database }: GroupContext,
  request: ListJoinRequestsRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof ListJoinRequestsResponseSchema>> {
  const { uid } = callerUser(ctx);
  const { groupId } = request;
  const { rows, nextPageToken } = await database.snapshot(async (trx) => {
    const { member } = await requireMember(trx, groupId, uid);
    requireMayDecideRequests(member.role);
    return readPage({
      request,
      schema,
      read: (page) => listRequests(trx, { groupId, ...page }),
      positionOf: (row) => ({ createdAt: row.created_at, requestId: row.request_id }),
    });
  });
  return { requests: rows.map(joinRequestView), nextPageToken };
}
