import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import type { ApiGatewayConfig } from './config.ts';
import { defaultSocketUrl } from './socket-url.ts';
import { VERSION } from './version.ts';

/** What the parts of the gateway work with. */
export interface GatewayContext {
  readonly config: ApiGatewayConfig;
  readonly host: ServiceHost;
  readonly user: RpcClient<typeof UserService>;
  readonly auth: RpcClient<typeof AuthService>;
  readonly chat: RpcClient<typeof ChatService>;
  readonly version: string;
  /** What clients are told to open. */
  readonly socketUrl: () => string;
}

/** The context of a gateway; `overrides` is the seam for tests and for what is known later. */
export function createContext(
  config: ApiGatewayConfig,
  host: ServiceHost,
  overrides: Partial<GatewayContext> = {},
): GatewayContext {
  return {
    config,
    host,
    user: host.client(UserService),
    auth: host.client(AuthService),
    chat: host.client(ChatService),
    version: VERSION,
    socketUrl: () => config.socketUrl || defaultSocketUrl(config.host),
    ...overrides,
  };
}
