import { Counter, Gauge, type Registry as Metrics } from 'prom-client';
import type { ServiceName } from '../service/names.ts';
import type { InstanceList } from './registry.ts';

interface Followed {
  readonly list: InstanceList;
  readonly lastReadAt: () => number | undefined;
}

export interface RegistryMetrics {
  /** An own entry was lost and is back. */
  putBack(service: ServiceName): void;
}

/** Shows what the registry knows and how fresh it is, measured when asked for. */
export function showRegistry(
  metrics: Metrics,
  follows: ReadonlyMap<ServiceName, Followed>,
  clock: () => number,
): RegistryMetrics {
  const createdAt = clock();
  new Gauge({
    name: 'im_registry_instances',
    help: 'Known instances of each service that this process calls.',
    labelNames: ['target'],
    registers: [metrics],
    collect() {
      for (const [target, { list }] of follows) this.set({ target }, list.current().length);
    },
  });
  new Gauge({
    name: 'im_registry_read_age_seconds',
    help: 'Time since etcd last answered what it knows of a service; since the start where it never has.',
    labelNames: ['target'],
    registers: [metrics],
    collect() {
      for (const [target, { lastReadAt }] of follows)
        this.set({ target }, (clock() - (lastReadAt() ?? createdAt)) / 1000);
    },
  });
  const putBacks = new Counter({
    name: 'im_registry_put_back_total',
    help: 'Times that the entry of a service of this process was found lost in etcd and put back.',
    labelNames: ['service'],
    registers: [metrics],
  });
  return {
    putBack: (service) => putBacks.inc({ service }),
  };
}
