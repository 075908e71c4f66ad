import type { Metric, Registry } from 'prom-client';

/** The metric of that name in a registry, made when it is not there: several clients of a process count in one. */
export function metricOf<M extends Metric>(metrics: Registry, name: string, make: (name: string) => M): M {
  return (metrics.getSingleMetric(name) as M | undefined) ?? make(name);
}
