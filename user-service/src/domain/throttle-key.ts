import { isIPv6 } from 'node:net';
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
  return `address:${isIPv6(address) ? networkOf(address) : address}`;
}

/** The /64 of an IPv6 address: what one subscriber is given, so that counting single addresses would count nothing. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  // Zeros that :: stands for; only the first four groups matter.
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const width = right.reduce((sum, group) => sum + (group.includes('.') ? 2 : 1), 0);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - width);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
