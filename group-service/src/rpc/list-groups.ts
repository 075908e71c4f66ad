import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListGroupsRequest,
  ListGroupsResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { z } from 'zod';
import type { GroupContext } from '../context.ts';
import { groupView } from '../domain/group-view.ts';
import { readPage } from '../page.ts';
import { listGroupsOf } from '../store/member.ts';

const schema = z.strictObject({ joinedAt: z.int(), id: z.string() });

/** The groups that the caller is a member of, the earliest joined first; dismissed ones are not among them. */
export async function listGroups(
  { database }: GroupContext,
  request: ListGroupsRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof ListGroupsResponseSchema>> {
  const { uid } = callerUser(ctx);
  const { rows, nextPageToken } = await readPage({
    request,
    schema,
    read: (page) => listGroupsOf(database.read, { uid, ...page }),
    positionOf: (row) => ({ joinedAt: row.joined_at, id: row.group_id }),
  });
  return { groups: rows.map(groupView), nextPageToken };
}
