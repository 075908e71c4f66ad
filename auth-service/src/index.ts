import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { bindRpc } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { carry } from './carry.ts';
import { authConfig } from './config.ts';
import { createAuthContext } from './context.ts';
import { authHandlers } from './handlers.ts';
import { restored } from './restored.ts';
import { sessionMigrations } from './session/store/migrations/index.ts';
import { type Sweeper, startSweeper } from './session/sweeper.ts';
import { requireSharedSecrets } from './shared-secrets.ts';

/** Tokens, their renewal, and the sessions of users' devices. */
export const authService: ServiceModule<typeof authConfig> = {
  name: 'auth-service',
  config: authConfig,
  // Where sessions are in Redis it opens no database.
  ports: { database: 'used' },
  checkShared: requireSharedSecrets,
  migrations: sessionMigrations,
  restored,
  carry,
  async create(config, host) {
    const context = await createAuthContext(config, host);
    let sweeper: Sweeper | undefined;
    return {
      rpc: [bindRpc(AuthService, authHandlers(context))],
      async start() {
        sweeper = startSweeper(context);
      },
      async stop() {
        await sweeper?.close();
        await context.close();
      },
    };
  },
};

export { authService as authModule };
