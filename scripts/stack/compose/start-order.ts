import { ConfigError } from '@im/common/config/config-error.ts';
import type { ComposeService } from './compose-file.ts';

/** The services, each after all that it depends on. Throws ConfigError where they depend on each other in a circle. */
export function startOrder(services: readonly ComposeService[]): ComposeService[] {
  const order: ComposeService[] = [];
  const left = [...services];
  while (left.length > 0) {
    const next = left.findIndex(({ depends_on }) =>
      Object.keys(depends_on).every((needed) => order.some(({ name }) => name === needed)),
    );
    if (next < 0) throw new ConfigError(`in a circle: ${left.map(({ name }) => name).join(', ')}`);
    order.push(...left.splice(next, 1));
  }
  return order;
}
