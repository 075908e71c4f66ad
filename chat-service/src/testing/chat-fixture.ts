import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Database } from '@im/common/database/database.ts';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { ControlRecordSchema } from '@im/common/gen/im/chat/v1/control_pb.ts';
import { HistoryPolicy_Value, Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { RunningService, ServiceModule } from '@im/common/service/module.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import type { ProcessKit } from '@im/common/service/process-kit.ts';
import { startTestProcess, type TestProcess } from '@im/common/testing/test-process.ts';
import { directConversationId, groupConversationId } from '@im/common/utils/conversation-id.ts';
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client';
import { chatService } from '../index.ts';
import type { ChatSchema } from '../store/schema.ts';
import { type ChatUser, createChatUser } from './chat-user.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

type ControlKind = NonNullable<MessageInitShape<typeof ControlRecordSchema>['kind']>;

export interface ChatOptions extends Partial<ProcessKit> {
  /** Of chat-service, where they differ from the defaults. */
  settings?: Record<string, unknown>;
  /** Of another instance, which then closes it; without it the instance opens its own. */
  database?: Database<ChatSchema>;
  /** Other services beside chat-service. Those not given answer SERVICE_AWAY. */
  modules?: readonly (readonly [module: AnyModule, settings: Record<string, unknown>])[];
  clock?: TestClock;
}

/** Who made a change at its owner; the clock's time when `at` is left out. */
export interface Origin {
  actorUid?: string;
  at?: string;
}

/** chat-service in a process of a test's own, and what the services around it would append. */
export interface Chat {
  readonly process: TestProcess;
  /** What `host.now()` says; stands still until a test moves it. */
  readonly clock: TestClock;
  /** The service's own database, to look into and to disturb. */
  readonly database: Database<ChatSchema>;
  client(as: ServiceName): RpcClient<typeof ChatService>;
  /** The calls of a signed-in user. */
  user(uid: string): ChatUser;
  /** Appends as the service with its next version of that conversation. */
  append(
    service: ServiceName,
    conversationId: string,
    kinds: ControlKind | readonly ControlKind[],
    origin?: Origin,
  ): Promise<void>;
  openAccount(...uids: string[]): Promise<void>;
  setAccountState(uid: string, state: { disabled?: boolean; closed?: boolean }): Promise<void>;
  /** Makes two people friends and answers the id of their direct conversation, whose seq 1 is `friendAdded`. */
  befriend(a: string, b: string): Promise<string>;
  unfriend(a: string, b: string): Promise<void>;
  setBlock(blockerUid: string, blockedUid: string, blocked?: boolean): Promise<void>;
  /** Makes a group, the first of `uids` its owner, and answers its conversation; all see it from seq 1 on. */
  makeGroup(groupId: string, uids: readonly string[]): Promise<string>;
  addMembers(
    conversationId: string,
    uids: readonly string[],
    options?: Origin & { role?: Role_Value; history?: HistoryPolicy_Value },
  ): Promise<void>;
  removeMembers(
    conversationId: string,
    uids: readonly string[],
    options?: Origin & { left?: boolean },
  ): Promise<void>;
  /** The samples of a metric of the service. */
  metrics(name: string): Promise<MetricObjectWithValues<MetricValue<string>>>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs chat-service for a test. Stop it in an `afterEach`. */
export async function startChat(options: ChatOptions = {}): Promise<Chat> {
  const { settings = {}, database: shared, modules = [], clock = createTestClock(), ...kit } = options;
  let database: Database<ChatSchema> | undefined = shared;
  let registry: Registry | undefined;
  const module: ServiceModule<typeof chatService.config, RunningService> = {
    ...chatService,
    create(config, host) {
      registry = host.metrics;
      return chatService.create(config, {
        ...host,
        async openDatabase<S>(migrations: Parameters<typeof host.openDatabase>[0]) {
          database = shared ?? (await host.openDatabase<ChatSchema>(migrations));
          return database as Database<unknown> as Database<S>;
        },
      });
    },
  };
  const process = await startTestProcess({
    ...kit,
    now: kit.now ?? clock.now,
    modules: [[module, settings], ...modules],
  });
  const versions = new Map<string, number>();
  const gateway = process.client(ChatService, 'ws-gateway');

  async function append(
    service: ServiceName,
    conversationId: string,
    kinds: ControlKind | readonly ControlKind[],
    { actorUid = '0', at = new Date(clock.now()).toISOString() }: Origin = {},
  ): Promise<void> {
    const stream = `${service} ${conversationId}`;
    const version = (versions.get(stream) ?? 0) + 1;
    versions.set(stream, version);
    const records = [kinds].flat().map((kind) => ({ actorUid, at, kind: kind as ControlKind }));
    try {
      await process.client(ChatService, service).appendEvents({ conversationId, version, records });
    } catch (error) {
      // As an outbox would, the next one takes the place of what was not appended.
      if (versions.get(stream) === version) versions.set(stream, version - 1);
      throw error;
    }
  }

  const addMembers: Chat['addMembers'] = (
    conversationId,
    uids,
    { role = Role_Value.MEMBER, history = HistoryPolicy_Value.ALL, ...origin } = {},
  ) =>
    append(
      'group-service',
      conversationId,
      {
        case: 'addMembers',
        value: { uids: [...uids], inviterUid: origin.actorUid ?? '0', role, history },
      },
      origin,
    );

  return {
    process,
    clock,
    get database() {
      if (!database) throw new Error('chat-service has not opened its database');
      return database;
    },
    client: (as) => process.client(ChatService, as),
    user: (uid) => createChatUser(gateway, uid),
    append,
    async openAccount(...uids) {
      for (const uid of uids) await append('user-service', `n:${uid}`, { case: 'openAccount', value: {} });
    },
    setAccountState: (uid, { disabled = false, closed = false }) =>
      append('user-service', `n:${uid}`, { case: 'setAccountState', value: { disabled, closed } }),
    async befriend(a, b) {
      const conversationId = directConversationId(a, b);
      const kind = { case: 'addFriendship', value: { uid: b } } as const;
      await append('friend-service', conversationId, kind, { actorUid: a });
      return conversationId;
    },
    unfriend: (a, b) =>
      append(
        'friend-service',
        directConversationId(a, b),
        { case: 'removeFriendship', value: { uid: b } },
        { actorUid: a },
      ),
    setBlock: (blockerUid, blockedUid, blocked = true) =>
      append(
        'friend-service',
        directConversationId(blockerUid, blockedUid),
        { case: 'setBlock', value: { blockerUid, blocked } },
        { actorUid: blockerUid },
      ),
    async makeGroup(groupId, [owner, ...members]) {
      const conversationId = groupConversationId(groupId);
      const added = (uids: string[], role: Role_Value) =>
        ({
          case: 'addMembers',
          value: { uids, inviterUid: owner!, role, history: HistoryPolicy_Value.ALL },
        }) as const;
      const kinds: ControlKind[] = [added([owner!], Role_Value.OWNER)];
      if (members.length > 0) kinds.push(added(members, Role_Value.MEMBER));
      await append('group-service', conversationId, kinds, { actorUid: owner! });
      return conversationId;
    },
    addMembers,
    removeMembers: (conversationId, uids, { left = false, ...origin } = {}) =>
      append(
        'group-service',
        conversationId,
        { case: 'removeMembers', value: { uids: [...uids], left } },
        origin,
      ),
    metrics: async (name) => registry!.getSingleMetric(name)!.get(),
    restart: () => process.restart(),
    stop: () => process.stop(),
  };
}
