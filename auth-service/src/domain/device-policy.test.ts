import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { expect, test } from 'vitest';
import { DEVICE_POLICIES, displaces } from './device-policy.ts';

const { IOS, WEB } = Platform_Value;
const phone = { deviceId: 'phone', platform: IOS };

test.each([
  ['the same device', phone, ['many', 'one-per-platform', 'one']],
  [
    'the same device under another platform',
    { deviceId: 'phone', platform: WEB },
    ['many', 'one-per-platform', 'one'],
  ],
  ['another device of its platform', { deviceId: 'tablet', platform: IOS }, ['one-per-platform', 'one']],
  ['a device of another platform', { deviceId: 'browser', platform: WEB }, ['one']],
])('%s is displaced under the right policies', (_name, other, policies) => {
  expect(DEVICE_POLICIES.filter((policy) => displaces(policy, phone, other))).toEqual(policies);
});
