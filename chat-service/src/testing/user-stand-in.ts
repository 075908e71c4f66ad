import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import { type User, UserSchema } from '@im/common/gen/im/user/v1/user_pb.ts';
import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { bindRpc, type RpcHandlers } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { z } from 'zod';

/** user-service as chat-service sees it: it knows the users that a test puts there. */
export interface UserStandIn {
  readonly module: ServiceModule;
  /** Calls are refused while it is away. */
  away: boolean;
  put(user: MessageInitShape<typeof UserSchema>): void;
}

export function userStandIn(): UserStandIn {
  const users = new Map<string, User>();
  const requireHere = () => {
    if (standIn.away) throw new ImError('SERVICE_AWAY', 'not there');
  };
  const handlers: Partial<RpcHandlers<typeof UserService>> = {
    async batchGetUsers({ uids }) {
      requireHere();
      return { users: uids.flatMap((uid) => users.get(uid) ?? []) };
    },
    async getProfile({ uid }) {
      requireHere();
      return { user: users.get(uid) };
    },
  };
  const standIn: UserStandIn = {
    module: {
      name: 'user-service',
      config: z.strictObject({}),
      create: async () => ({
        rpc: [bindRpc(UserService, handlers as RpcHandlers<typeof UserService>)],
        stop: async () => {},
      }),
    },
    away: false,
    put: (user) => void users.set(user.uid!, create(UserSchema, user)),
  };
  return standIn;
}
