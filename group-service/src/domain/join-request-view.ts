import type { MessageInitShape } from '@bufbuild/protobuf';
import type { JoinRequestSchema } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { JoinRequestRow } from '../store/join-request.ts';

/** A request as the one who asks and those who decide see it. */
export function joinRequestView(row: JoinRequestRow): MessageInitShape<typeof JoinRequestSchema> {
  return {
    requestId: row.request_id,
    groupId: row.group_id,
    uid: row.uid,
    message: row.message,
    state: row.state,
    createdAt: new Date(row.created_at).toISOString(),
  };
}
