import type { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';

/**
 * How many devices a user may have signed in at a time.
 * - `many`: any number
 * - `one-per-platform`: one of each platform
 * - `one`: one at all
 */
export const DEVICE_POLICIES = ['many', 'one-per-platform', 'one'] as const;
export type DevicePolicy = (typeof DEVICE_POLICIES)[number];

interface SignedInDevice {
  readonly deviceId: string;
  readonly platform: Platform_Value;
}

/** Whether a device that signs in takes the place of another one of the same user. */
export function displaces(policy: DevicePolicy, signingIn: SignedInDevice, other: SignedInDevice): boolean {
  if (signingIn.deviceId === other.deviceId || policy === 'one') return true;
  return policy === 'one-per-platform' && signingIn.platform === other.platform;
}
