import type { ServiceModule } from '@im/common/service/module.ts';
import { configSchema } from './config.ts';
import { createContext } from './context.ts';
import { createGateway, type RunningGateway } from './gateway.ts';

export type { RunningGateway };

/** The gateway of sockets: it speaks to clients, knows where their devices are, and hands them what they should see. */
export const wsGateway: ServiceModule<typeof configSchema, RunningGateway> = {
  name: 'ws-gateway',
  config: configSchema,
  ports: { cache: 'needed' },
  create: async (config, host) => createGateway(createContext(config, host)),
};
