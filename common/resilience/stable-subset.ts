import type { Instance } from '../registry/registry.ts';
import { murmur2 } from '../utils/murmur2.ts';

/**
 * At most `most` of the instances. Random by `seed`, so that different callers
 * spread over all of them, and stable: an instance that comes or goes changes
 * at most one of the chosen, so connections are kept.
 */
export function stableSubset(
  instances: readonly Instance[],
  most: number,
  seed: string,
): readonly Instance[] {
  if (instances.length <= most) return instances;
  return instances
    .map((instance) => ({ instance, rank: murmur2(Buffer.from(seed + instance.address)) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ instance }) => instance);
}
