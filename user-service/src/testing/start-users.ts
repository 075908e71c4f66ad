import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { CallOptions, RpcClient } from '@im/common/rpc/types.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { startTestProcess, type TestProcess } from '@im/common/testing/test-process.ts';
import { onTestFinished } from 'vitest';
import { userConfig } from '../config.ts';
import { userService } from '../index.ts';
import { standInAuth, standInChat } from './stand-ins.ts';

/** So that tests spend their time on what they test. */
const CHEAP_PASSWORDS = { memoryKiB: 8, passes: 1, parallelism: 1 };

export const PASSWORD = 'correct horse';
export const DEVICE = { deviceId: 'device-1', platform: Platform_Value.WEB };

/** user-service in a process of the test's own, with stand-ins beside it; gone when the test is over. */
export async function startUsers(settings: Record<string, unknown> = {}) {
  const clock = { ms: Date.parse('2026-01-01T00:00:00Z') };
  const auth = standInAuth();
  const chat = standInChat();
  let present = settings;
  const module: typeof userService = {
    ...userService,
    create: (_, host) =>
      userService.create(userConfig.parse({ password: CHEAP_PASSWORDS, ...present }), host),
  };
  const process: TestProcess = await startTestProcess({
    now: () => clock.ms,
    modules: [
      [module, {}],
      [auth.module, {}],
      [chat.module, {}],
    ],
  });
  onTestFinished(() => process.stop());
  const client = (as: ServiceName): RpcClient<typeof UserService> => process.client(UserService, as);
  return {
    process,
    clock,
    auth,
    chat,
    client,
    /** Starts again with these settings on the same data. */
    async configure(next: Record<string, unknown>) {
      present = next;
      await process.restart();
    },
    /** Rows as they are on disk, for what no RPC may show. */
    stored: (query: string) => process.query('user-service', query),
    /** Calls as api-gateway makes them. */
    api: client('api-gateway'),
    /** Registers somebody, whose password is PASSWORD. Gives their uid. */
    async register(username: string, nickname?: string): Promise<string> {
      const { user } = await client('api-gateway').createUser({ username, password: PASSWORD, nickname });
      return user!.uid;
    },
  };
}

/** Call options of a signed-in user's call. */
export function asUser(uid: string, sessionId = 'session-1'): CallOptions {
  return { speakFor: { kind: 'user', uid, sessionId } };
}

/** Call options of a call with an API key of these scopes. */
export function asKey(...scopes: string[]): CallOptions {
  return { speakFor: { kind: 'apiKey', keyId: 'test', scopes } };
}
