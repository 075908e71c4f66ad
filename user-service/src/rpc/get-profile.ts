import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  GetProfileRequest,
  GetProfileResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { requireAccount } from '../account-access.ts';
import type { UserContext } from '../context.ts';
import { ownUser } from '../domain/user-view.ts';

/** A whole profile with its settings, for its owner's devices. */
export async function getProfile(
  { database }: UserContext,
  { uid }: GetProfileRequest,
): Promise<MessageInitShape<typeof GetProfileResponseSchema>> {
  return { user: ownUser(await requireAccount(database.read, uid)) };
}
