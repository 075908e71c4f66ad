import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetRegistrationResponseSchema } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { UserContext } from '../context.ts';

/** Whether anybody may register. */
export async function getRegistration({
  config,
}: UserContext): Promise<MessageInitShape<typeof GetRegistrationResponseSchema>> {
  return { open: config.registration === 'open' };
}
