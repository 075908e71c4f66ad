import { isLoopback, subscriberOf } from '../utils/network-address.ts';
import type { RateLimit } from './rate-limits.ts';

/**
 * A limit for each network address, of IPv6 for each /64. Loopback has none: it
 * is the machine itself, or a proxy on it that was not named as one, behind
 * which are all clients at once.
 */
export function forAddresses(limit: RateLimit): RateLimit {
  return {
    async take(address) {
      if (address !== '' && !isLoopback(address)) await limit.take(subscriberOf(address));
    },
  };
}
