import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetMeRequest, GetMeResponseSchema } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { requireAccount } from '../account-access.ts';
import type { UserContext } from '../context.ts';
import { ownUser } from '../domain/user-view.ts';

/** The caller, with their settings. */
export async function getMe(
  { database }: UserContext,
  _request: GetMeRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof GetMeResponseSchema>> {
  return { user: ownUser(await requireAccount(database.read, callerUser(ctx).uid)) };
}
