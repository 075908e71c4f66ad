import { authService } from '@im/auth-service';
import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import type { SocketProtocol } from '@im/common/testing/client/frame-codec.ts';
import {
  startTestProcess,
  type TestProcess,
  type TestProcessOptions,
} from '@im/common/testing/test-process.ts';
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client';
import { createContext, type GatewayContext } from '../context.ts';
import { createGateway, type RunningGateway } from '../gateway.ts';
import { wsGateway } from '../index.ts';
import { type ChatStandIn, createChatStandIn } from './chat-stand-in.ts';
import { type ConnectOptions, connect, type TestSocket } from './socket-client.ts';

export interface SignedIn {
  readonly uid: string;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface TestGateway {
  readonly process: TestProcess;
  readonly gateway: RunningGateway;
  readonly chat: ChatStandIn;
  /** A session of a user, on a device of its own unless one is named. */
  signIn(uid: string, deviceId?: string): Promise<SignedIn>;
  connect(options?: ConnectOptions): Promise<TestSocket>;
  /** What the gateway has counted under this name. */
  metrics(name: string): Promise<MetricObjectWithValues<MetricValue<string>>>;
  /** A socket that has been welcomed. */
  join(uid: string, options?: ConnectOptions): Promise<TestSocket & { readonly session: SignedIn }>;
  stop(): Promise<void>;
}

/** The gateway on a free port with real sessions and a chat-service that does as the test says. */
export async function startGateway(
  settings: Record<string, unknown> = {},
  options: Partial<TestProcessOptions> & {
    auth?: Record<string, unknown>;
    chat?: ChatStandIn | 'away';
    overrides?: Partial<GatewayContext>;
    /** What sockets speak unless a test asks for another. */
    protocol?: SocketProtocol;
  } = {},
): Promise<TestGateway> {
  const {
    auth = {},
    chat: given,
    overrides,
    protocol: protocols = 'im.v1.json',
    ...processOptions
  } = options;
  const chat = given === undefined || given === 'away' ? createChatStandIn() : given;
  let registry: Registry | undefined;
  const watched: AnyModule = {
    ...wsGateway,
    async create(config, host) {
      registry = host.metrics;
      return createGateway(createContext(config, host, overrides));
    },
  };
  const process = await startTestProcess({
    ...processOptions,
    modules: [
      [authService, auth],
      ...(given === 'away' ? [] : [[chat.module, {}] as const]),
      [watched, { port: 0, ...settings }],
    ],
  });
  if (given !== 'away') await process.ready();
  const gateway = () => process.service('ws-gateway') as RunningGateway;
  let devices = 0;
  const test: TestGateway = {
    process,
    chat,
    get gateway() {
      return gateway();
    },
    async signIn(uid, deviceId) {
      devices += 1;
      const device = { deviceId: deviceId ?? `device ${devices}`, platform: Platform_Value.WEB };
      const { tokens, session } = await process
        .client(AuthService, 'user-service')
        .createSession({ uid, device, address: '127.0.0.1' });
      const { accessToken, refreshToken } = tokens!;
      return { uid, sessionId: session!.sessionId, accessToken, refreshToken };
    },
    metrics: async (name) => registry!.getSingleMetric(name)!.get(),
    connect: (connectOptions) => connect(gateway().url, { protocols, ...connectOptions }),
    async join(uid, connectOptions) {
      const session = await test.signIn(uid);
      const socket = await test.connect(connectOptions);
      const answer = await socket.ask({ hello: { accessToken: session.accessToken } });
      if (answer.welcome === undefined) throw new Error(`not welcomed: ${JSON.stringify(answer)}`);
      return { ...socket, session };
    },
    stop: () => process.stop(),
  };
  return test;
}
