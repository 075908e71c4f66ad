import { forAddresses } from '@im/common/limits/address-limit.ts';
import type { RateLimits } from '@im/common/limits/rate-limits.ts';
import type { SpokenFor } from '@im/common/rpc/types.ts';
import type { ApiGatewayConfig } from '../config.ts';

/** How often somebody may ask. Each throws RATE_LIMITED. */
export interface RequestLimits {
  /** Before anything is done for a request. */
  byAddress(address: string): Promise<void>;
  /** Once it is known for whom it is; API keys are limited by the address of their server alone. */
  byCaller(caller: SpokenFor | undefined): Promise<void>;
}

export function createRequestLimits(
  config: Pick<ApiGatewayConfig, 'requestsPerMinutePerUser' | 'requestsPerMinutePerAddress'>,
  rateLimits: RateLimits,
): RequestLimits {
  const limitOf = (name: string, most: number) => rateLimits.perMinute({ name, most, what: 'requests' });
  const addresses = forAddresses(limitOf('requests-of-address', config.requestsPerMinutePerAddress));
  const users = limitOf('requests-of-user', config.requestsPerMinutePerUser);
  return {
    byAddress: addresses.take,
    async byCaller(caller) {
      if (caller?.kind === 'user') await users.take(caller.uid);
    },
  };
}
