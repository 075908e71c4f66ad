import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SightSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { SpanTable } from '../store/span.ts';

/** What a member may see, for a gateway. */
export function sightOf(
  uid: string,
  spans: readonly Pick<SpanTable, 'from_seq' | 'to_seq'>[],
  clearedSeq: number,
): MessageInitShape<typeof SightSchema> {
  return {
    uid,
    spans: spans.map(({ from_seq, to_seq }) => ({ fromSeq: from_seq, toSeq: to_seq ?? undefined })),
    clearedSeq,
  };
}
