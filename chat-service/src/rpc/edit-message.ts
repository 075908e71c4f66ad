import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  EditMessageRequest,
  EditMessageResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { editRecordOf } from './user-records.ts';

/** Gives a message of the caller's a new text. */
export async function editMessage(
  context: ChatContext,
  request: EditMessageRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof EditMessageResponseSchema>> {
  const record = editRecordOf(context, request, callerUser(call).uid);
  return { message: await context.lanes.submit(record, call) };
}
