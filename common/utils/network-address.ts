import { isIPv6 } from 'node:net';

/**
 * What to count an address under: itself, or of an IPv6 address its /64, which
 * is what one subscriber is given, so that counting single addresses would
 * count nothing.
 */
export function subscriberOf(address: string): string {
  return isIPv6(address) ? ipv6Subscriber(address) : address;
}

/** Whether an address is the machine's own. */
export function isLoopback(address: string): boolean {
  return /^(127\.|::1$|::ffff:127\.)/i.test(address);
}

function ipv6Subscriber(address: string): string {
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
