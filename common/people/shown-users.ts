import { fromJsonString, toJsonString } from '@bufbuild/protobuf';
import { type CacheAside, createCacheAside } from '../cache/cache-aside.ts';
import { type User, UserSchema } from '../gen/im/user/v1/user_pb.ts';
import type { UserService } from '../gen/im/user/v1/user_service_pb.ts';
import type { RpcClient } from '../rpc/types.ts';
import type { ServiceHost } from '../service/module.ts';

/** How long a changed name is shown as it was, in milliseconds. */
const FRESH_MS = 60_000;
/** user-service answers this many at once. */
const MAX_BATCH = 200;
/** How long a list waits for user-service, in milliseconds. */
const TIMEOUT_MS = 500;

/** People as lists show them, a minute old at most. Nothing is decided by them: not even that somebody exists. */
export type ShownUsers = Pick<CacheAside<User>, 'getMany' | 'close'>;

/** The users of user-service beside a cache that all services share. `getMany` rejects while it is away. */
export function createShownUsers(
  { cache, log, metrics }: Pick<ServiceHost, 'cache' | 'log' | 'metrics'>,
  client: Pick<RpcClient<typeof UserService>, 'batchGetUsers'>,
): ShownUsers {
  return createCacheAside<User>({
    cache,
    name: 'user',
    freshMs: FRESH_MS,
    encode: (user) => toJsonString(UserSchema, user),
    decode: (text) => fromJsonString(UserSchema, text, { ignoreUnknownFields: true }),
    async load(uids) {
      const { users } = await client.batchGetUsers({ uids: [...uids] }, { timeoutMs: TIMEOUT_MS });
      return new Map(users.map((user) => [user.uid, user]));
    },
    loadAtOnce: MAX_BATCH,
    log,
    metrics,
  });
}
