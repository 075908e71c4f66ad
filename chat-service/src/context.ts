import type { Database } from '@im/common/database/database.ts';
import { isUniqueViolation } from '@im/common/database/errors.ts';
import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { DeliveryService } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import { createMessageValidator, type MessageValidator } from '@im/common/rpc/validation.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import type { ChatConfig } from './config.ts';
import { type RunningDelivery, startDelivery } from './delivery/deliver.ts';
import { createGateways, type Gateways } from './delivery/gateways.ts';
import { newEpoch } from './epoch.ts';
import { createAccounts } from './lane/accounts.ts';
import { createLanes, type Lanes } from './lane/lanes.ts';
import { createLogMetrics, showLogGauges } from './metrics.ts';
import { createPreference } from './publish/preference.ts';
import { createPublisher } from './publish/publisher.ts';
import { createChangedReader } from './read/changed.ts';
import { createGroupCache, type GroupCache } from './read/group-cache.ts';
import { createPresenceReader, type PresenceReader } from './read/presence.ts';
import { createUserCache, type UserCache } from './read/user-cache.ts';
import { insertPartitions, readPartitions } from './store/log-partition.ts';
import { migrations } from './store/migrations/index.ts';
import type { ChatSchema } from './store/schema.ts';

/** What the RPCs of this service work with. */
export interface ChatContext {
  readonly settings: ChatConfig;
  readonly database: Database<ChatSchema>;
  /** Of the store, as found at start. */
  readonly partitions: number;
  readonly lanes: Lanes;
  readonly gateways: Gateways;
  readonly users: UserCache;
  readonly groups: GroupCache;
  readonly presence: PresenceReader;
  readonly host: ServiceHost;
  readonly validate: MessageValidator;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function createContext(settings: ChatConfig, host: ServiceHost): Promise<ChatContext> {
  const database = await host.openDatabase<ChatSchema>(migrations);
  const partitions = await ensurePartitions(database, settings.partitions);
  let delivery: RunningDelivery | undefined;
  const publisher = createPublisher({
    database,
    bus: host.bus,
    isPreferred: createPreference(host.discovery.follow('chat-service'), host.bootId),
    pushDirectly: async (records) => delivery?.pushDirectly(records),
    showLoss: () => gateways.loseAll(),
    now: host.now,
    log: host.log,
  });
  const lanes = createLanes({
    database,
    partitions,
    laneCount: Math.min(settings.lanes, database.writers),
    largeGroupMembers: settings.largeGroupMembers,
    accounts: createAccounts(partitions, host.now),
    afterCommit: publisher,
    now: host.now,
    metrics: createLogMetrics(host.metrics),
    log: host.log,
  });
  showLogGauges(host.metrics, {
    oldestWaitingMs: lanes.oldestWaitingMs,
    unpublishedChanges: publisher.unpublishedChanges,
  });
  const gateways = createGateways({
    locations: host.locations,
    instances: host.discovery.follow('ws-gateway'),
    client: host.client(DeliveryService),
    senderBootId: host.bootId,
    log: host.log,
  });
  const users = createUserCache({ client: host.client(UserService), now: host.now, log: host.log });
  const groups = createGroupCache({ client: host.client(GroupService), now: host.now, log: host.log });
  return {
    settings,
    database,
    partitions,
    lanes,
    gateways,
    users,
    groups,
    presence: createPresenceReader({
      locations: host.locations,
      auth: host.client(AuthService),
      log: host.log,
    }),
    host,
    validate: createMessageValidator(),
    async start() {
      const changed = createChangedReader({ database, partitions, users, groups });
      delivery = await startDelivery({
        bus: host.bus,
        gateways,
        offlineCache: host.offlineCache,
        changed,
        log: host.log,
      });
    },
    async stop() {
      await lanes.close();
      await publisher.close();
      await delivery?.close();
    },
  };
}

/**
 * The number of partitions is fixed at first start: later settings do not change
 * it, and of several instances that start first at once one makes them.
 */
async function ensurePartitions(database: Database<ChatSchema>, wanted: number): Promise<number> {
  const known = await readPartitions(database.read);
  if (known.length > 0) return known.length;
  try {
    await database.transaction((trx) => insertPartitions(trx, wanted, newEpoch()));
    return wanted;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return (await readPartitions(database.read)).length;
  }
}
