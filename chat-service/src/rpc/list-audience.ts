import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListAudienceRequest,
  ListAudienceResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { partitionOf } from '@im/common/utils/murmur2.ts';
import type { ChatContext } from '../context.ts';
import { readConversations } from '../store/conversation.ts';
import { readPartitionsOf } from '../store/log-partition.ts';
import { readAudience } from '../store/span.ts';
import { sightOf } from './sight.ts';

/** Rows of one answer, some 50 bytes each. */
const PAGE_ROWS = 5_000;

/** Who may see what of a large group, by uid. */
export async function listAudience(
  { database, partitions }: ChatContext,
  { conversationId, sinceNo, afterUid }: ListAudienceRequest,
): Promise<MessageInitShape<typeof ListAudienceResponseSchema>> {
  const partitionId = partitionOf(conversationId, partitions);
  // Head before spans: what is said is then as of that change at least.
  const [partition] = await readPartitionsOf(database.read, [partitionId]);
  const [head] = await readConversations(database.read, [[partitionId, conversationId]]);
  const rows = await readAudience(database.read, {
    partitionId,
    conversationId,
    sinceNo: Number(sinceNo),
    afterUid,
    limit: PAGE_ROWS,
  });
  const byUid = Map.groupBy(rows, (row) => row.uid);
  const full = rows.length === PAGE_ROWS;
  // The last one's rows may not all be there; the next answer begins with them.
  if (full && byUid.size > 1) byUid.delete(rows.at(-1)!.uid);
  const nextUid = full ? [...byUid.keys()].at(-1)! : '';
  const sights = [...byUid].map(([uid, own]) => sightOf(uid, own, own[0]!.cleared_seq));
  return { epoch: partition!.epoch, audienceNo: BigInt(head?.audience_no ?? 0), sights, nextUid };
}
