import { Counter, Gauge, Histogram, type Registry as Metrics } from 'prom-client';

export interface KafkaBusMetrics {
  /** Observes one publish from its turn to its answer. */
  published(seconds: number): void;
  refused(): void;
  /** A follower was told that records may have gone by unseen. */
  gap(group: string): void;
  /** Records that a follower here has still to take, measured when asked for; until `stop` is called. */
  showLag(group: string, lag: () => number): { stop(): void };
}

export function createKafkaBusMetrics(metrics: Metrics): KafkaBusMetrics {
  const registers = [metrics];
  const lags = new Map<string, Set<() => number>>();
  const duration = new Histogram({
    name: 'im_bus_publish_seconds',
    help: 'Time until the bus had taken records, those that it refused left out.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    registers,
  });
  const refused = new Counter({
    name: 'im_bus_refused_publishes_total',
    help: 'Times that the bus refused records or did not answer.',
    registers,
  });
  const gaps = new Counter({
    name: 'im_bus_gaps_total',
    help: 'Times that a consumer did not go on where its group had stopped.',
    labelNames: ['group'],
    registers,
  });
  new Gauge({
    name: 'im_bus_consumer_lag_records',
    help: 'Records in the partitions of the consumers of this process that they have not taken yet.',
    labelNames: ['group'],
    registers,
    collect() {
      for (const [group, own] of lags)
        this.set(
          { group },
          [...own].reduce((sum, lag) => sum + lag(), 0),
        );
    },
  });
  return {
    published: (seconds) => duration.observe(seconds),
    refused: () => refused.inc(),
    gap: (group) => gaps.inc({ group }),
    showLag(group, lag) {
      const own = lags.get(group) ?? new Set();
      lags.set(group, own.add(lag));
      return { stop: () => void own.delete(lag) };
    },
  };
}
