import { Histogram, type Registry } from 'prom-client';

/** Seconds; from a call that a cache answers to the gateways' deadline and a little beyond. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5];

export type CallHistogram = Histogram<'method' | 'code'>;

/** How long calls took, by method and code (`OK` or the name of a google.rpc code). One per registry and name. */
export function callHistogram(metrics: Registry, name: string, help: string): CallHistogram {
  const existing = metrics.getSingleMetric(name) as CallHistogram | undefined;
  return (
    existing ??
    new Histogram({ name, help, labelNames: ['method', 'code'], buckets: BUCKETS, registers: [metrics] })
  );
}
