import type { Database } from '@im/common/database/database.ts';
import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type Relay, startRelay } from '@im/common/model/outbox.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { random53 } from '@im/common/utils/random-id.ts';
import type { UserConfig } from './config.ts';
import { createPasswordHasher, type PasswordHasher } from './password-hasher.ts';
import { sendOutboxRow } from './send-outbox-row.ts';
import { migrations } from './store/migrations/index.ts';
import type { UserTables } from './store/tables.ts';

/** What the RPCs of user-service work with. */
export interface UserContext {
  readonly config: UserConfig;
  readonly database: Database<UserTables>;
  readonly relay: Relay;
  readonly auth: RpcClient<typeof AuthService>;
  readonly passwords: PasswordHasher;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A random uid; whether it is free is the caller's to see. */
  readonly newUid: () => string;
}

/** Opens the store and starts handing changes over to chat- and auth-service. */
export async function buildContext(
  config: UserConfig,
  host: ServiceHost,
  overrides: Partial<UserContext> = {},
): Promise<UserContext> {
  const database = overrides.database ?? (await host.openDatabase<UserTables>(migrations));
  const auth = overrides.auth ?? host.client(AuthService);
  const relay =
    overrides.relay ??
    startRelay({
      database,
      now: host.now,
      log: host.log,
      metrics: host.metrics,
      send: sendOutboxRow(host.client(ChatService), auth),
    });
  return {
    config,
    database,
    relay,
    auth,
    passwords: createPasswordHasher(config.password),
    log: host.log,
    now: host.now,
    newUid: random53,
    ...overrides,
  };
}
