import { createAddressLimit } from '@im/common/limits/address-limit.ts';
import { createRateLimit } from '@im/common/limits/rate-limit.ts';
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
): RequestLimits {
  const addresses = createAddressLimit({ most: config.requestsPerMinutePerAddress, what: 'requests' });
  const users = createRateLimit({ most: config.requestsPerMinutePerUser, what: 'requests' });
  return {
    byAddress: addresses.take,
    async byCaller(caller) {
      if (caller?.kind === 'user') await users.take(caller.uid);
    },
  };
}
