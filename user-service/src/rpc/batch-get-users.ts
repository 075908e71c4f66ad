import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  BatchGetUsersRequest,
  BatchGetUsersResponseSchema,
} from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { UserContext } from '../context.ts';
import { publicUser } from '../domain/user-view.ts';
import { findAccounts } from '../store/account.ts';

/** People in the order asked for, each once; unknown ones are left out. */
export async function batchGetUsers(
  { database }: UserContext,
  request: BatchGetUsersRequest,
): Promise<MessageInitShape<typeof BatchGetUsersResponseSchema>> {
  const uids = [...new Set(request.uids)];
  const accounts = new Map(
    (await findAccounts(database.read, uids)).map((account) => [account.uid, account]),
  );
  return {
    users: uids.flatMap((uid) => {
      const account = accounts.get(uid);
      return account ? [publicUser(account)] : [];
    }),
  };
}
