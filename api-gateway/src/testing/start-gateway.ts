import { authService } from '@im/auth-service';
import { ImError } from '@im/common/errors/im-error.ts';
import { CONTRACTS } from '@im/common/rpc/service-of.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import {
  startTestProcess,
  type TestProcess,
  type TestProcessOptions,
} from '@im/common/testing/test-process.ts';
import { userService } from '@im/user-service';
import { z } from 'zod';
import type { RunningApiGateway } from '../gateway.ts';
import { apiGateway } from '../index.ts';

/** The first API key of the server under test, with all scopes. */
export const API_KEY = 'imk_bootstrap_0123456789abcdefghijklmnopqrstuv';

/** Passwords are not what is tested here: as cheap as the rules allow. */
const CHEAP_PASSWORDS = { memoryKiB: 8, passes: 1 };

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  readonly json: any;
}

export interface TestGateway {
  readonly process: TestProcess;
  readonly gateway: RunningApiGateway;
  /** Sends a request; `body` as JSON unless it is a string. */
  request(
    line: string,
    options?: { token?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** A new user, signed in on a device. */
  signUp(username: string): Promise<{ uid: string; accessToken: string; sessionId: string }>;
  stop(): Promise<void>;
}

/** Is seen, so that the gateway becomes ready, and answers as one does that is away. */
function awayService(name: ServiceName): AnyModule {
  const away = async () => {
    throw new ImError('SERVICE_AWAY', `${name} is not there`);
  };
  const rpc = CONTRACTS.filter(([, service]) => service === name).map(([service]) => ({
    service,
    handlers: Object.fromEntries(service.methods.map(({ localName }) => [localName, away])),
  }));
  return { name, config: z.strictObject({}), create: async () => ({ rpc, stop: async () => {} }) };
}

/** api-gateway on a free port, in front of real accounts and sessions; `more` services join them. */
export async function startGateway(
  settings: Record<string, unknown> = {},
  options: Partial<TestProcessOptions> & { more?: readonly AnyModule[] } = {},
): Promise<TestGateway> {
  const { more = [], ...processOptions } = options;
  const given = new Set(more.map(({ name }) => name));
  const away = (['friend-service', 'group-service', 'chat-service'] as const).filter(
    (name) => !given.has(name),
  );
  const process = await startTestProcess({
    ...processOptions,
    modules: [
      [userService, { adminKey: API_KEY, password: CHEAP_PASSWORDS, handOverTimeoutMs: 0 }],
      [authService, {}],
      [apiGateway, { port: 0, ...settings }],
      ...more.map((module) => [module, {}] as const),
      ...away.map((name) => [awayService(name), {}] as const),
    ],
  });
  await process.ready();
  const gateway = () => process.service('api-gateway') as RunningApiGateway;
  const request: TestGateway['request'] = (line, given) => send(gateway().url, line, given);
  return {
    process,
    get gateway() {
      return gateway();
    },
    request,
    async signUp(username) {
      const account = { username, password: 'correct horse' };
      const made = await request('POST /v1/users', { body: account });
      const device = { deviceId: `phone of ${username}`, platform: 'IOS' };
      const { json } = await request('POST /v1/login', { body: { ...account, device } });
      if (json.error) throw new Error(`could not sign up: ${JSON.stringify([made.json, json])}`);
      return {
        uid: made.json.user.uid,
        accessToken: json.tokens.accessToken,
        sessionId: json.session.sessionId,
      };
    },
    stop: () => process.stop(),
  };
}

async function send(
  url: string,
  line: string,
  { token, body, headers }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const [method, path] = line.split(/ (.*)/s);
  const all = new Headers(headers);
  if (token !== undefined) all.set('authorization', `Bearer ${token}`);
  if (body !== undefined && !all.has('content-type')) all.set('content-type', 'application/json');
  const response = await fetch(`${url}${path}`, {
    method: method!,
    headers: all,
    redirect: 'manual',
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : text };
}
