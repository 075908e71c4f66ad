import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  BatchGetGroupsRequest,
  BatchGetGroupsResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { GroupContext } from '../context.ts';
import { groupView } from '../domain/group-view.ts';
import { findGroups } from '../store/grp.ts';

/** Groups in the order asked for, each once, dismissed ones too, whose members keep what they have; unknown ones are left out. */
export async function batchGetGroups(
  { database }: GroupContext,
  request: BatchGetGroupsRequest,
): Promise<MessageInitShape<typeof BatchGetGroupsResponseSchema>> {
  const groupIds = [...new Set(request.groupIds)];
  const found = new Map((await findGroups(database.read, groupIds)).map((row) => [row.group_id, row]));
  return {
    groups: groupIds.flatMap((groupId) => {
      const row = found.get(groupId);
      return row ? [groupView(row)] : [];
    }),
  };
}
