import { subscriberOf } from '@im/common/utils/network-address.ts';
import { sha256Hex } from '@im/common/utils/sha256.ts';

/** The key of an account's failures. */
export function accountThrottleKey(uid: string): string {
  return `uid:${uid}`;
}

/**
 * The key of failures for a name that no account has; they are slowed down like
 * others, so that being slowed down tells nothing. Hashed, because people type
 * passwords into the wrong field.
 */
export function nameThrottleKey(foldedName: string): string {
  return `name:${sha256Hex(foldedName)}`;
}

/** The key of an address's failures; undefined for a call without one. */
export function addressThrottleKey(address: string): string | undefined {
  if (address === '') return undefined;
  return `address:${subscriberOf(address)}`;
}
