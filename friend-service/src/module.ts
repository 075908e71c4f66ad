import { FriendService } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { bindRpc } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { friendConfig } from './config.ts';
import { buildContext, type FriendContext } from './context.ts';
import { friendHandlers } from './rpc/handlers.ts';
import { migrations } from './store/migrations/index.ts';

/** The service as a module; `overrides` are for tests. */
export function friendModule(overrides: Partial<FriendContext> = {}): ServiceModule<typeof friendConfig> {
  return {
    name: 'friend-service',
    config: friendConfig,
    ports: { database: 'needed', cache: 'needed' },
    migrations,
    async create(config, host) {
      const context = await buildContext(config, host, overrides);
      return {
        rpc: [bindRpc(FriendService, friendHandlers(context))],
        async stop() {
          await context.relay.close();
          context.people.close();
          context.friendLists.close();
        },
      };
    },
  };
}
