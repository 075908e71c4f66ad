import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  DisableUserRequest,
  DisableUserResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { lockAccount } from '../account-access.ts';
import type { UserContext } from '../context.ts';
import { handOver } from '../hand-over.ts';
import { setDisabled } from '../set-disabled.ts';

/** Lets an account neither sign in nor be written to, and signs its devices out. */
export async function disableUser(
  context: UserContext,
  { uid }: DisableUserRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof DisableUserResponseSchema>> {
  await context.database.transaction(async (trx) => {
    await setDisabled(trx, await lockAccount(trx, uid), true, context.now());
  });
  await handOver(context, uid, ['chat', 'auth'], ctx);
  return {};
}
