import { isLoopback, subscriberOf } from '../utils/network-address.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';

/**
 * A limit for each network address, of IPv6 for each /64. Loopback has none: it
 * is the machine itself, or a proxy on it that was not named as one, behind
 * which are all clients at once.
 */
export function createAddressLimit(options: { most: number; what: string }): RateLimit {
  const limit = createRateLimit(options);
  return {
    async take(address) {
      if (address !== '' && !isLoopback(address)) await limit.take(subscriberOf(address));
    },
  };
}
