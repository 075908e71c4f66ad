import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { bindRpc } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { config } from './config.ts';
import { createContext } from './context.ts';
import { restored } from './restored.ts';
import { chatHandlers } from './rpc/handlers.ts';
import { migrations } from './store/migrations/index.ts';

/** The conversation log: send, store, deliver, sync, read marks. */
export const chatService: ServiceModule<typeof config> = {
  name: 'chat-service',
  config,
  ports: { database: 'needed', cache: 'needed', bus: 'needed' },
  migrations,
  restored,
  async create(settings, host) {
    const context = await createContext(settings, host);
    return {
      rpc: [bindRpc(ChatService, chatHandlers(context))],
      start: context.start,
      stop: context.stop,
    };
  },
};
