import type { Instance } from '../../registry/registry.ts';
import { rendezvousOrder } from '../../utils/rendezvous.ts';
import type { TransportCall } from '../transport.ts';
import type { BalancedCall, Balancer } from './balancer.ts';

/** How many instances of a service one process talks to, so that connections do not grow with the square of a cluster. go-zero's number. */
const MOST_TARGETS = 32;

/** Chooses instances for the calls of one process. */
export interface Chooser {
  /**
   * The instance that gets the call, among those that are not `out`; undefined
   * where there is none. One that has had the call before is better than none.
   */
  choose(
    instances: readonly Instance[],
    call: Pick<TransportCall, 'instance' | 'routeKey' | 'avoid'>,
    balanced: BalancedCall,
    out: (address: string) => boolean,
  ): Instance | undefined;
}

/** `self` makes each process choose its own few of many instances; random. */
export function createChooser(balancer: Balancer, self: string): Chooser {
  /** Of each list, which stays the same array until something changes. */
  const subsets = new WeakMap<readonly Instance[], readonly Instance[]>();

  function subsetOf(instances: readonly Instance[]): readonly Instance[] {
    if (instances.length <= MOST_TARGETS) return instances;
    const known = subsets.get(instances);
    if (known !== undefined) return known;
    const subset = rendezvousOrder(self, instances, ({ address }) => address).slice(0, MOST_TARGETS);
    subsets.set(instances, subset);
    return subset;
  }

  return {
    choose(instances, { instance, routeKey, avoid = [] }, balanced, out) {
      if (instance !== undefined)
        return instances.find(({ address, bootId }) => bootId === instance && !out(address));
      // A route must not depend on which few a process talks to.
      const usual = routeKey === undefined ? subsetOf(instances) : instances;
      const usable = notOut(usual, out) ?? notOut(instances, out);
      if (usable === undefined) return undefined;
      const fresh = notOut(usable, (address) => avoid.includes(address)) ?? usable;
      if (routeKey === undefined) return balancer.pick(fresh, balanced);
      return rendezvousOrder(routeKey, fresh, ({ address }) => address)[0];
    },
  };
}

/** Those that are not out, undefined where none is left. */
function notOut(
  instances: readonly Instance[],
  out: (address: string) => boolean,
): readonly Instance[] | undefined {
  const left = instances.filter(({ address }) => !out(address));
  return left.length === 0 ? undefined : left;
}
