import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { Platform_Value, SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { afterEach, expect, test } from 'vitest';
import { type AuthProcess, startAuthProcess } from './testing/auth-process.ts';

let auth: AuthProcess;
afterEach(() => auth.process.stop());

const { IOS, MACOS } = Platform_Value;

async function revoked(): Promise<(readonly [string, SignOutReason_Value])[]> {
  const answer = await auth.gateway.listRevoked({});
  return answer.revoked.map(({ sessionId, reason }) => [sessionId, reason]);
}

test('by default a user has as many devices as they like', async () => {
  auth = await startAuthProcess();
  for (const device of ['phone', 'tablet']) await auth.login('1', device, { platform: IOS });
  expect(await revoked()).toEqual([]);
});

test('with one per platform a login displaces the devices of its platform', async () => {
  auth = await startAuthProcess({ devicePolicy: 'one-per-platform' });
  const phone = await auth.login('1', 'phone', { platform: IOS });
  const laptop = await auth.login('1', 'laptop', { platform: MACOS });
  const tablet = await auth.login('1', 'tablet', { platform: IOS });
  expect(await revoked()).toEqual([[phone.session.sessionId, SignOutReason_Value.REPLACED]]);
  const live = [laptop.session.sessionId, tablet.session.sessionId];
  expect((await auth.sessionIds(tablet.as)).sort()).toEqual(live.sort());
});

test('with one a login displaces all others, also where a product signs its users in', async () => {
  auth = await startAuthProcess({ devicePolicy: 'one' });
  auth.accounts.set('1', { uid: '1' });
  const phone = await auth.login('1', 'phone', { platform: IOS });
  const { session } = await auth.process
    .client(AuthService, 'api-gateway')
    .issueTokens(
      { uid: '1', device: { deviceId: 'laptop', platform: MACOS } },
      { speakFor: { kind: 'apiKey', keyId: 'k', scopes: ['tokens'] } },
    );
  expect(await revoked()).toEqual([[phone.session.sessionId, SignOutReason_Value.REPLACED]]);
  expect(
    await auth.sessionIds({ speakFor: { kind: 'user', uid: '1', sessionId: session!.sessionId } }),
  ).toEqual([session!.sessionId]);
});
