import type { Database } from '@im/common/database/database.ts';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { FriendService } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { sendToChat } from '@im/common/model/chat-relay.ts';
import { type Relay, startRelay } from '@im/common/model/outbox.ts';
import { createShownUsers, type ShownUsers } from '@im/common/people/shown-users.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import type { GroupConfig } from './config.ts';
import { migrations } from './store/migrations/index.ts';
import type { GroupTables } from './store/tables.ts';

/** What the RPCs of group-service work with. */
export interface GroupContext {
  readonly config: GroupConfig;
  readonly database: Database<GroupTables>;
  readonly relay: Relay;
  readonly users: RpcClient<typeof UserService>;
  /** For lists. */
  readonly people: ShownUsers;
  readonly friends: RpcClient<typeof FriendService>;
  readonly chat: RpcClient<typeof ChatService>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Opens the store and starts handing changes over to chat-service. */
export async function buildContext(
  config: GroupConfig,
  host: ServiceHost,
  overrides: Partial<GroupContext> = {},
): Promise<GroupContext> {
  const database = overrides.database ?? (await host.openDatabase<GroupTables>(migrations));
  const chat = overrides.chat ?? host.client(ChatService);
  const relay =
    overrides.relay ??
    startRelay({
      database,
      now: host.now,
      log: host.log,
      metrics: host.metrics,
      send: sendToChat(chat),
    });
  const users = overrides.users ?? host.client(UserService);
  return {
    config,
    database,
    relay,
    chat,
    users,
    people: createShownUsers(host, users),
    friends: host.client(FriendService),
    now: host.now,
    ...overrides,
  };
}
