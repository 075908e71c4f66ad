import type { ServiceModule } from '@im/common/service/module.ts';
import { apiGatewayConfig } from './config.ts';
import { createGateway, type RunningApiGateway } from './gateway.ts';

/** HTTP in, RPC out. */
export const apiGateway: ServiceModule<typeof apiGatewayConfig, RunningApiGateway> = {
  name: 'api-gateway',
  config: apiGatewayConfig,
  ports: { cache: 'used' },
  create: (config, host) => createGateway(config, host),
};
