import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListLargeGroupsRequest,
  ListLargeGroupsResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { ChatContext } from '../context.ts';
import { openSpan } from '../domain/spans.ts';
import { readPartitions } from '../store/log-partition.ts';
import { readLargeGroupsOf } from '../store/member.ts';
import { readMemberSpans } from '../store/span.ts';
import { sightOf } from './sight.ts';

/** What a user may see of the large groups they are a member of. */
export async function listLargeGroups(
  { database }: ChatContext,
  { uid }: ListLargeGroupsRequest,
): Promise<MessageInitShape<typeof ListLargeGroupsResponseSchema>> {
  const partitions = await readPartitions(database.read);
  // Heads before spans: what is said is then as of that change at least.
  const memberships = await readLargeGroupsOf(
    database.read,
    partitions.map((row) => row.partition_id),
    uid,
  );
  const spans = Map.groupBy(
    await readMemberSpans(
      database.read,
      memberships.map((row) => [row.partition_id, row.conversation_id, uid]),
    ),
    (row) => row.conversation_id,
  );
  const groups = memberships.flatMap(({ conversation_id, audience_no, cleared_seq }) => {
    const own = spans.get(conversation_id) ?? [];
    if (openSpan(own) === undefined) return [];
    const sight = sightOf(uid, own, cleared_seq);
    return [{ conversationId: conversation_id, audienceNo: BigInt(audience_no), sight }];
  });
  return { epoch: partitions[0]!.epoch, groups };
}
