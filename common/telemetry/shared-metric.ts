import type { Metric, Registry } from 'prom-client';

/** The metric of a name in a registry, made once: for parts of which a process may have several, told apart by a label. */
export function sharedMetric<M extends Metric>(metrics: Registry, name: string, make: () => M): M {
  return (metrics.getSingleMetric(name) as M | undefined) ?? make();
}
