import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { RateLimits } from '@im/common/limits/rate-limits.ts';
import type { DeviceLocations } from '@im/common/presence/device-locations.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import { createMessageValidator, type MessageValidator } from '@im/common/rpc/validation.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { Traces } from '@im/common/telemetry/traces.ts';
import type { GatewayConfig } from './config.ts';
import { closeConnection } from './connection/close.ts';
import type { Connection } from './connection/connection.ts';
import { type Connections, createConnections } from './connection/connections.ts';
import { locationOf } from './connection/location.ts';
import { createTickWriter, type TickWriter } from './connection/tick-writer.ts';
import { createLargeGroups, type LargeGroups } from './delivery/large-groups.ts';
import { push, pushFrame, showingEvent } from './delivery/push.ts';
import { createResyncs, type Resyncs } from './delivery/resyncs.ts';
import { createSenders, type Senders } from './delivery/senders.ts';
import { CLOSE } from './domain/close-codes.ts';
import { createGatewayMetrics, type GatewayMetrics } from './metrics.ts';
import { createOwnLocations, type OwnLocations } from './presence/own-locations.ts';
import { createPresenceWatch, type PresenceWatch } from './presence/presence-watch.ts';
import { createWatchTable, type WatchTable } from './presence/watch-table.ts';
import { createSender, type Sender } from './sends/sender.ts';
import { createSessionReports, type SessionReports } from './session-reports.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { signOut, signOutOlder } from './sign-out.ts';
import { createStoreEpoch, type StoreEpoch } from './store-epoch.ts';

/** Sockets are taken while it is `serving`; sends also while it is `draining`. */
export type Phase = 'starting' | 'serving' | 'draining' | 'stopping';

/** Everything the parts of the gateway share. */
export interface GatewayContext {
  readonly config: GatewayConfig;
  readonly log: Logger;
  /** Undefined where nothing is traced. */
  readonly traces: Traces | undefined;
  readonly bootId: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Monotonic, in milliseconds: what a change of the system's time must not disturb. */
  readonly clock: () => number;
  readonly chat: RpcClient<typeof ChatService>;
  readonly locations: DeviceLocations;
  readonly rateLimits: RateLimits;
  readonly signIn: SignIn;
  readonly epoch: StoreEpoch;
  readonly validate: MessageValidator;
  readonly metrics: GatewayMetrics;
  /** All sockets, from their upgrade until they are gone. */
  readonly sockets: Set<Connection>;
  /** The signed-in ones. */
  readonly connections: Connections;
  readonly writer: TickWriter;
  readonly sender: Sender;
  readonly resyncs: Resyncs;
  readonly senders: Senders;
  readonly largeGroups: LargeGroups;
  readonly sessionReports: SessionReports;
  readonly watchTable: WatchTable<Connection>;
  readonly presence: PresenceWatch;
  readonly ownLocations: OwnLocations;
  /** Locations that are being taken back. */
  readonly removals: Set<Promise<void>>;
  phase: Phase;
}

/** Builds the context; what `overrides` gives is taken instead. */
export function createContext(
  config: GatewayConfig,
  host: ServiceHost,
  overrides: Partial<GatewayContext> = {},
): GatewayContext {
  const { log, now, bootId, locations, rateLimits } = host;
  const clock = overrides.clock ?? (() => performance.now());
  const chat = overrides.chat ?? host.client(ChatService);
  const sockets = new Set<Connection>();
  const metrics = createGatewayMetrics(host.metrics, () => sockets.size);
  const resync = pushFrame({ case: 'resync', value: {} });
  const connections = createConnections((sessionId) => context.sessionReports.changed(sessionId));
  const watchTable = createWatchTable<Connection>();
  const resyncAll = () => {
    for (const connection of context.connections.all()) context.resyncs.owe(connection);
  };
  const context: GatewayContext = {
    config,
    log,
    traces: host.traces,
    bootId,
    now,
    clock,
    chat,
    locations,
    rateLimits,
    signIn: createSignIn(host, {
      onRevoked: (revoked) => signOut(context, revoked),
      onReborn: (bornAt) => signOutOlder(context, bornAt),
    }),
    epoch: createStoreEpoch(chat, clock),
    validate: createMessageValidator(),
    metrics,
    sockets,
    connections,
    writer: createTickWriter({
      limit: config.sendBufferBytes,
      onTooSlow: (connection) => closeConnection(context, connection, CLOSE.tooSlow, 'too slow'),
      onAnswerRead: (connection) => {
        connection.requests.pump();
        connection.syncs.pump();
      },
      onWritten: metrics.framesOut,
    }),
    sender: createSender({ chat, instances: host.discovery.follow('chat-service'), clock, log }),
    resyncs: createResyncs({
      clock,
      byId: (connectionId) => context.connections.byId(connectionId),
      send: (connection) => push(context, connection, resync),
      onSent: metrics.resyncs,
    }),
    senders: createSenders(() => {
      context.largeGroups.clear();
      resyncAll();
    }),
    largeGroups: createLargeGroups({
      chat,
      isHere: (uid) => connections.ofUser(uid).size > 0,
      showing: (event) => showingEvent(context, event),
      onLoss: resyncAll,
      onRead: metrics.groupRead,
      log,
    }),
    sessionReports: createSessionReports({
      auth: host.client(AuthService),
      bootId,
      clock,
      log,
      online: connections.sessions,
    }),
    watchTable,
    presence: createPresenceWatch({
      table: watchTable,
      chat,
      clock,
      now,
      push(watchers, presence) {
        const frame = pushFrame({ case: 'presence', value: { presence } });
        for (const connection of watchers) push(context, connection, frame);
      },
      log,
    }),
    ownLocations: createOwnLocations({
      bootId,
      locations,
      connections: () => connections.all(),
      locationOf: (connection) => locationOf({ bootId }, connection),
      onLost(lost) {
        for (const connection of lost) context.resyncs.owe(connection);
      },
      log,
    }),
    removals: new Set(),
    phase: 'starting',
    ...overrides,
  };
  return context;
}
