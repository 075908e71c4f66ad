import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError, type Reason } from '@im/common/errors/im-error.ts';
import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { type DeviceSchema, Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { CallOptions } from '@im/common/rpc/types.ts';
import { startTestProcess } from '@im/common/testing/test-process.ts';
import { authService } from '../index.ts';
import { type Accounts, accountsModule } from './accounts.ts';

export const START = 1_700_000_000_250;
export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

export type AuthProcess = Awaited<ReturnType<typeof startAuthProcess>>;

/** auth-service on a clock of the test's own, beside the accounts that a test sets. */
export async function startAuthProcess(settings: Record<string, unknown> = {}) {
  const clock = { at: START };
  const accounts: Accounts = new Map();
  const process = await startTestProcess({
    modules: [
      [authService, settings],
      [accountsModule(accounts), {}],
    ],
    now: () => clock.at,
  });
  const gateway = process.client(AuthService, 'api-gateway');
  const userService = process.client(AuthService, 'user-service');
  return {
    clock,
    accounts,
    process,
    gateway,
    userService,
    /** Signs a device in, as user-service does after it has seen the password. */
    async login(uid: string, deviceId: string, device: Partial<MessageInitShape<typeof DeviceSchema>> = {}) {
      const answer = await userService.createSession({
        uid,
        device: { deviceId, platform: Platform_Value.WEB, ...device },
        address: '10.0.0.1',
      });
      if (!answer.session || !answer.tokens) throw new Error('a login answers session and tokens');
      return { session: answer.session, tokens: answer.tokens, as: speakFor(uid, answer.session.sessionId) };
    },
    async refresh(refreshToken: string, options: CallOptions = {}) {
      const { tokens } = await gateway.refreshTokens({ refreshToken }, options);
      if (!tokens) throw new Error('a refresh answers tokens');
      return tokens;
    },
    async sessionIds(as: CallOptions) {
      return (await gateway.listSessions({}, as)).sessions.map((session) => session.sessionId);
    },
  };
}

/** Call options of a gateway that speaks for a user. */
export function speakFor(uid: string, sessionId: string): CallOptions {
  return { speakFor: { kind: 'user', uid, sessionId } };
}

/** The reason a call was refused with. */
export async function reasonOf(call: Promise<unknown>): Promise<Reason | 'accepted'> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    if (error instanceof ImError) return error.reason;
    throw error;
  }
}
