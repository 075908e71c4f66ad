import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListMembersRequest,
  ListMembersResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { z } from 'zod';
import { requireMember } from '../access.ts';
import type { GroupContext } from '../context.ts';
import { memberView } from '../domain/member-view.ts';
import { readPage } from '../page.ts';
import { usersByUid } from '../people.ts';
import { listMemberRows } from '../store/member.ts';

const schema = z.strictObject({ joinedAt: z.int(), id: z.string() });

/** The members, the earliest joined first, for members; without `user` while user-service is away. GROUP_NOT_FOUND. */
export async function listMembers(
  context: GroupContext,
  request: ListMembersRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof ListMembersResponseSchema>> {
  const { uid } = callerUser(ctx);
  const { groupId } = request;
  const { rows, nextPageToken } = await context.database.snapshot(async (trx) => {
    await requireMember(trx, groupId, uid);
    return readPage({
      request,
      schema,
      read: (page) => listMemberRows(trx, { groupId, ...page }),
      positionOf: (row) => ({ joinedAt: row.joined_at, id: row.uid }),
    });
  });
  const users = await usersByUid(
    context,
    rows.map((row) => row.uid),
    ctx,
  );
  const now = context.now();
  return { members: rows.map((row) => memberView(row, users.get(row.uid), now)), nextPageToken };
}
