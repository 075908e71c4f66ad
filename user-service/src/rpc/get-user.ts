import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetUserRequest, GetUserResponseSchema } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { requireAccount } from '../account-access.ts';
import type { UserContext } from '../context.ts';
import { publicUser } from '../domain/user-view.ts';

/** A person as everybody may see them, disabled or not: their messages still stand. */
export async function getUser(
  { database }: UserContext,
  { uid }: GetUserRequest,
): Promise<MessageInitShape<typeof GetUserResponseSchema>> {
  return { user: publicUser(await requireAccount(database.read, uid)) };
}
