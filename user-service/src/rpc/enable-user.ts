import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  EnableUserRequest,
  EnableUserResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { lockAccount } from '../account-access.ts';
import type { UserContext } from '../context.ts';
import { handOver } from '../hand-over.ts';
import { setDisabled } from '../set-disabled.ts';

/** Lets a disabled account sign in and be written to again. */
export async function enableUser(
  context: UserContext,
  { uid }: EnableUserRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof EnableUserResponseSchema>> {
  await context.database.transaction(async (trx) => {
    await setDisabled(trx, await lockAccount(trx, uid), false, context.now());
  });
  await handOver(context, uid, ['chat'], ctx);
  return {};
}
