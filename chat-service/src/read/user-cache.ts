import type { User } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { LRUCache } from 'lru-cache';

/** Users remembered at most … */
const MAX_USERS = 20_000;
/** … and for how long. Milliseconds. */
const FRESH_MS = 60_000;
/** user-service answers this many at once. */
const MAX_BATCH = 200;
/** How long an answer waits for user-service before it goes out without people. Milliseconds. */
const TIMEOUT_MS = 500;

/** The people that conversations are shown with. */
export interface UserCache {
  /** Those that are known or could be asked for; the others are left out while user-service is away. */
  users(uids: Iterable<string>, within?: CallContext): Promise<ReadonlyMap<string, User>>;
  /** One's own profile with settings, fresh; undefined while user-service is away. */
  profile(uid: string, within?: CallContext): Promise<User | undefined>;
}

export function createUserCache(options: {
  client: RpcClient<typeof UserService>;
  now: () => number;
  log: Logger;
}): UserCache {
  const { client, now, log } = options;
  const known = new LRUCache<string, { user: User; at: number }>({ max: MAX_USERS });
  const call = (within: CallContext | undefined) => ({ within, timeoutMs: TIMEOUT_MS });
  return {
    async users(uids, within) {
      const found = new Map<string, User>();
      const missing: string[] = [];
      for (const uid of new Set(uids)) {
        const entry = known.get(uid);
        if (entry && Math.abs(now() - entry.at) < FRESH_MS) found.set(uid, entry.user);
        else missing.push(uid);
      }
      try {
        for (let i = 0; i < missing.length; i += MAX_BATCH) {
          const { users } = await client.batchGetUsers(
            { uids: missing.slice(i, i + MAX_BATCH) },
            call(within),
          );
          for (const user of users) {
            known.set(user.uid, { user, at: now() });
            found.set(user.uid, user);
          }
        }
      } catch (error) {
        log.debug({ err: error }, 'shown without people: user-service does not answer');
      }
      return found;
    },
    async profile(uid, within) {
      try {
        return (await client.getProfile({ uid }, call(within))).user;
      } catch (error) {
        log.debug({ err: error }, 'profile stays due: user-service does not answer');
        return undefined;
      }
    },
  };
}
