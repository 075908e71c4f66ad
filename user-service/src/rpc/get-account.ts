import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  GetAccountRequest,
  GetAccountResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { userNotFound } from '../account-access.ts';
import type { UserContext } from '../context.ts';
import { publicUser } from '../domain/user-view.ts';
import { findAccount, findByExternalId } from '../store/account.ts';

/** An account by either of its ids, and whether it may sign in. */
export async function getAccount(
  { database }: UserContext,
  { account: by }: GetAccountRequest,
): Promise<MessageInitShape<typeof GetAccountResponseSchema>> {
  const account = await (by.case === 'externalId'
    ? findByExternalId(database.read, by.value)
    : findAccount(database.read, by.value ?? ''));
  if (!account) throw userNotFound();
  return { user: publicUser(account), disabled: account.disabled === 1 };
}
