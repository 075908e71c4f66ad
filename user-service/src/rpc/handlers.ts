import type { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { RpcHandlers } from '@im/common/rpc/types.ts';
import type { UserContext } from '../context.ts';
import { batchGetUsers } from './batch-get-users.ts';
import { changePassword } from './change-password.ts';
import { createApiKey } from './create-api-key.ts';
import { createUser } from './create-user.ts';
import { deleteApiKey } from './delete-api-key.ts';
import { disableUser } from './disable-user.ts';
import { enableUser } from './enable-user.ts';
import { getAccount } from './get-account.ts';
import { getMe } from './get-me.ts';
import { getProfile } from './get-profile.ts';
import { getRegistration } from './get-registration.ts';
import { getUser } from './get-user.ts';
import { listApiKeys } from './list-api-keys.ts';
import { listUsers } from './list-users.ts';
import { login } from './login.ts';
import { setUserPassword } from './set-user-password.ts';
import { signOutUser } from './sign-out-user.ts';
import { updateMe } from './update-me.ts';
import { upsertUser } from './upsert-user.ts';
import { verifyApiKey } from './verify-api-key.ts';

/** Everything the contract of UserService names. */
export function userHandlers(context: UserContext): RpcHandlers<typeof UserService> {
  return {
    createUser: (request, ctx) => createUser(context, request, ctx),
    login: (request, ctx) => login(context, request, ctx),
    getMe: (request, ctx) => getMe(context, request, ctx),
    updateMe: (request, ctx) => updateMe(context, request, ctx),
    changePassword: (request, ctx) => changePassword(context, request, ctx),
    getUser: (request) => getUser(context, request),
    listUsers: (request) => listUsers(context, request),
    batchGetUsers: (request) => batchGetUsers(context, request),
    getProfile: (request) => getProfile(context, request),
    getAccount: (request) => getAccount(context, request),
    getRegistration: () => getRegistration(context),
    upsertUser: (request, ctx) => upsertUser(context, request, ctx),
    disableUser: (request, ctx) => disableUser(context, request, ctx),
    enableUser: (request, ctx) => enableUser(context, request, ctx),
    signOutUser: (request, ctx) => signOutUser(context, request, ctx),
    setUserPassword: (request, ctx) => setUserPassword(context, request, ctx),
    createApiKey: (request, ctx) => createApiKey(context, request, ctx),
    listApiKeys: (request) => listApiKeys(context, request),
    deleteApiKey: (request) => deleteApiKey(context, request),
    verifyApiKey: (request) => verifyApiKey(context, request),
  };
}
