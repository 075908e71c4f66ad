import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  RecallMessageRequest,
  RecallMessageResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { recallRecordOf } from './user-records.ts';

/** Takes a message back. */
export async function recallMessage(
  context: ChatContext,
  request: RecallMessageRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof RecallMessageResponseSchema>> {
  const record = recallRecordOf(context, request, callerUser(call).uid);
  return { message: await context.lanes.submit(record, call) };
}
