import { type ChatService, ChatService as chatContract } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { RpcHandlers } from '@im/common/rpc/types.ts';
import type { ServiceModule } from '@im/common/service/module.ts';
import { z } from 'zod';

/** Stands in for chat-service where only its epoch matters; `getStore` may answer as late as a test wants. */
export function chatStore(
  getStore: RpcHandlers<typeof ChatService>['getStore'] = async () => ({ epoch: 'epoch-1' }),
): ServiceModule {
  return {
    name: 'chat-service',
    config: z.strictObject({}),
    create: async () => ({
      rpc: [{ service: chatContract, handlers: { getStore } }],
      stop: async () => {},
    }),
  };
}
