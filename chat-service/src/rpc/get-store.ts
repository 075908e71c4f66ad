import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetStoreResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { ChatContext } from '../context.ts';
import { readPartitions } from '../store/log-partition.ts';

export async function getStore({
  database,
}: ChatContext): Promise<MessageInitShape<typeof GetStoreResponseSchema>> {
  const [first] = await readPartitions(database.read);
  return { epoch: first!.epoch };
}
