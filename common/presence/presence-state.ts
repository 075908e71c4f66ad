import { Platform_Value } from '../gen/im/session/v1/session_pb.ts';
import type { DeviceLocation } from './device-locations.ts';

/**
 * Whether a user is there and on which platforms, as one small number, so that
 * two looks are compared at once: bit 0 is set while any device is connected,
 * bit n while one of platform n is. 0: offline.
 */
export type PresenceState = number;

export const OFFLINE: PresenceState = 0;

const ONLINE_BIT = 1;

/** The state that a user's locations show; undefined are none. */
export function presenceState(
  locations: readonly Pick<DeviceLocation, 'platform'>[] | undefined,
): PresenceState {
  let state = OFFLINE;
  for (const { platform } of locations ?? []) state |= ONLINE_BIT | platformBit(platform);
  return state;
}

/** The state that an answer describes. */
export function presenceStateOf(presence: {
  readonly online: boolean;
  readonly platforms: readonly Platform_Value[];
}): PresenceState {
  return presence.online
    ? presenceState([{ platform: 0 }, ...presence.platforms.map((platform) => ({ platform }))])
    : OFFLINE;
}

/** The state in the words of the contract, platforms in their order there. */
export function presenceFields(state: PresenceState): { online: boolean; platforms: Platform_Value[] } {
  return {
    online: state !== OFFLINE,
    platforms: PLATFORMS.filter((platform) => (state & platformBit(platform)) !== 0),
  };
}

const PLATFORMS = Object.values(Platform_Value).filter((platform) => platform !== Platform_Value.UNSPECIFIED);

/** None for UNSPECIFIED, nor for a platform of a later release that has no bit in a 32-bit number. */
function platformBit(platform: Platform_Value): number {
  return platform > 0 && platform < 31 ? 1 << platform : 0;
}
