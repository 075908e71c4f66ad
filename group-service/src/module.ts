import { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { bindRpc } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { groupConfig } from './config.ts';
import { buildContext, type GroupContext } from './context.ts';
import { groupHandlers } from './rpc/handlers.ts';
import { migrations } from './store/migrations/index.ts';

/** The service as a module; `overrides` are for tests. */
export function groupModule(overrides: Partial<GroupContext> = {}): ServiceModule<typeof groupConfig> {
  return {
    name: 'group-service',
    config: groupConfig,
    ports: { database: 'needed', cache: 'needed' },
    migrations,
    async create(config, host) {
      const context = await buildContext(config, host, overrides);
      return {
        rpc: [bindRpc(GroupService, groupHandlers(context))],
        async stop() {
          await context.relay.close();
          context.people.close();
        },
      };
    },
  };
}
