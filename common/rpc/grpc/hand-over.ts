import { randomUUID } from 'node:crypto';
import { ImError } from '../../errors/im-error.ts';
import type { Instance } from '../../registry/registry.ts';
import type { Logger } from '../../telemetry/log.ts';
import { within } from '../../utils/wait.ts';
import type { TransportCall } from '../transport.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { BalancedCall, Balancer } from './balancer.ts';
import { createChooser } from './choose.ts';
import type { Link } from './link.ts';
import type { Links } from './links.ts';

/** How long a call waits where it is not known yet which instances there are, because the process has just started; milliseconds. */
const KNOWN_MS = 1_000;

/** Where a call goes. */
export interface HandOver {
  readonly instance: Instance;
  readonly link: Link;
  /** Must be called when the call has ended. */
  end(): void;
}

/**
 * Finds an instance that can take a call now. What cannot be reached is passed
 * over, which is always harmless: nothing has been sent yet. `cancellation` ends
 * the call. Throws SERVICE_AWAY when nobody is left, and the reason of `cancellation`.
 */
export type FindHandOver = (
  call: TransportCall,
  balanced: BalancedCall,
  cancellation: AbortController,
) => Promise<HandOver>;

export function createHandOver(links: Links, balancer: Balancer, log: Logger): FindHandOver {
  const chooser = createChooser(balancer, randomUUID());

  return async (call, balanced, cancellation) => {
    const { signal } = cancellation;
    signal.throwIfAborted();
    const list = links.follow(call.target);
    if (list.current().length === 0) await unlessAborted(within(list.known(), KNOWN_MS), signal);
    const unreachable = new Set<string>();
    const out = (address: string) => unreachable.has(address) || links.isDown(address);
    for (;;) {
      const instances = links.closed ? [] : list.current();
      const instance = chooser.choose(instances, call, balanced, out);
      if (instance === undefined) throw new ImError('SERVICE_AWAY', `${call.target} is not there`);
      const { address } = instance;
      const link = links.to(address);
      const end = link.begin(cancellation);
      try {
        const reached = link.reach();
        if (reached === true || (reached !== false && (await unlessAborted(reached, signal)))) {
          call.chosen?.(address);
          return { instance, link, end };
        }
      } catch (error) {
        end();
        throw error;
      }
      end();
      log.warn({ target: call.target, address }, 'an instance cannot be reached');
      unreachable.add(address);
    }
  };
}
