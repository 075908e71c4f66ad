import { Counter, Gauge, type Registry } from 'prom-client';

export interface RedisMetrics {
  connected(is: boolean): void;
  slow(): void;
}

/** Metrics of one connection; several of a process share a registry and differ in `redis`. */
export function createRedisMetrics(metrics: Registry, redis: string): RedisMetrics {
  const gauge = shared(
    metrics,
    'im_redis_connected',
    (name) =>
      new Gauge({
        name,
        help: '1 while the connection to a Redis is there, else 0.',
        labelNames: ['redis'],
        registers: [metrics],
      }),
  );
  const slow = shared(
    metrics,
    'im_redis_slow_commands_total',
    (name) =>
      new Counter({
        name,
        help: 'Commands to a Redis that took longer than 100 ms, failed ones included.',
        labelNames: ['redis'],
        registers: [metrics],
      }),
  );
  gauge.set({ redis }, 0);
  slow.inc({ redis }, 0);
  return { connected: (is) => gauge.set({ redis }, is ? 1 : 0), slow: () => slow.inc({ redis }) };
}

function shared<M>(metrics: Registry, name: string, make: (name: string) => M): M {
  return (metrics.getSingleMetric(name) as M | undefined) ?? make(name);
}
