import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  SendMessageRequest,
  SendMessageResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { sendRecordOf } from './user-records.ts';

/** Sends a message as the caller; answered after it is stored. */
export async function sendMessage(
  context: ChatContext,
  request: SendMessageRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof SendMessageResponseSchema>> {
  const record = sendRecordOf(context, request, callerUser(call).uid);
  return { message: await context.lanes.submit(record, call) };
}
