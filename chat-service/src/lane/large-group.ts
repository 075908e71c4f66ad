import { create } from '@bufbuild/protobuf';
import { type LargeGroup, LargeGroupSchema } from '@im/common/gen/im/bus/v1/record_pb.ts';
import type { ConversationTable } from '../store/conversation.ts';
import type { EventTable } from '../store/event.ts';

/** What the record of a large group's event says instead of naming its recipients. */
export function largeGroupOf(
  { audience_no }: Pick<ConversationTable, 'audience_no'>,
  { target_seq }: Pick<EventTable, 'target_seq'>,
): LargeGroup {
  return create(LargeGroupSchema, { audienceNo: BigInt(audience_no), targetSeq: target_seq });
}
