import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { bindRpc } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { ensureBootstrapKey } from './bootstrap-key.ts';
import { userConfig } from './config.ts';
import { buildContext } from './context.ts';
import { userHandlers } from './rpc/handlers.ts';
import { migrations } from './store/migrations/index.ts';
import { startThrottleSweep } from './throttle-sweep.ts';

/** Accounts, passwords, profiles, search, and the API keys of the server API. */
export const userService: ServiceModule<typeof userConfig> = {
  name: 'user-service',
  config: userConfig,
  ports: { database: 'needed' },
  migrations,
  async create(config, host) {
    const context = await buildContext(config, host);
    await ensureBootstrapKey(context);
    const stopSweep = startThrottleSweep(context);
    return {
      rpc: [bindRpc(UserService, userHandlers(context))],
      async stop() {
        await stopSweep();
        await context.relay.close();
      },
    };
  },
};
