import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { random53 } from '@im/common/utils/random-id.ts';
import { row } from '../row.ts';
import type { World } from '../world.ts';
import { ANY_USER, device, PASSWORD } from './common.ts';

const user = UserService.method;

const ofVictim = ({ victim }: World) => ({ uid: victim });

export const USER_ROWS = [
  row(user.createUser, {
    public: true,
    request: () => ({ username: `u${random53()}`, password: PASSWORD }),
  }),
  row(user.login, {
    public: true,
    request: () => ({ username: 'ann', password: PASSWORD, device: device() }),
  }),
  row(user.getMe, { users: ANY_USER, request: () => ({}) }),
  row(user.updateMe, {
    users: ANY_USER,
    request: () => ({ bio: 'changed', updateMask: { paths: ['bio'] } }),
  }),
  row(user.changePassword, {
    users: { party: 'ok', another: 'BAD_CREDENTIALS' },
    request: () => ({ oldPassword: PASSWORD, newPassword: PASSWORD }),
  }),
  row(user.getUser, {
    users: ANY_USER,
    services: ['friend-service', 'group-service', 'chat-service', 'auth-service'],
    request: ({ ann }) => ({ uid: ann.uid }),
  }),
  row(user.listUsers, { users: ANY_USER, request: () => ({ query: 'ann' }) }),
  row(user.batchGetUsers, {
    users: ANY_USER,
    services: ['friend-service', 'group-service', 'chat-service'],
    request: ({ ann }) => ({ uids: [ann.uid] }),
  }),
  row(user.getProfile, { services: ['chat-service'], request: ({ ann }) => ({ uid: ann.uid }) }),
  row(user.getAccount, {
    services: ['auth-service'],
    request: ({ ann }) => ({ account: { case: 'uid', value: ann.uid } as const }),
  }),
  row(user.getRegistration, { services: ['api-gateway'], request: () => ({}) }),
  row(user.upsertUser, { scope: 'users', request: () => ({ externalId: 'victim', nickname: 'Victim' }) }),
  row(user.disableUser, { scope: 'users', request: ofVictim }),
  row(user.enableUser, { scope: 'users', request: ofVictim }),
  row(user.signOutUser, { scope: 'users', request: ofVictim }),
  row(user.setUserPassword, {
    scope: 'users',
    request: ({ victim }) => ({ uid: victim, newPassword: PASSWORD }),
  }),
  row(user.createApiKey, { scope: 'keys', request: () => ({ name: 'made', scopes: ['keys'] }) }),
  row(user.listApiKeys, { scope: 'keys', request: () => ({}) }),
  row(user.deleteApiKey, {
    scope: 'keys',
    request: async ({ newKey }) => ({ keyId: (await newKey(['users'])).keyId }),
  }),
  row(user.verifyApiKey, {
    services: ['api-gateway'],
    request: ({ product }) => ({ key: product.adminKey }),
  }),
];
