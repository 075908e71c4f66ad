import { Counter, Gauge, type Registry } from 'prom-client';
import { sharedMetric } from '../telemetry/shared-metric.ts';

const CONNECTED = 'im_redis_connected';
const SLOW = 'im_redis_slow_commands_total';

export interface RedisMetrics {
  connected(is: boolean): void;
  slow(): void;
}

/** Metrics of one connection; several of a process share a registry and differ in `redis`. */
export function createRedisMetrics(metrics: Registry, redis: string): RedisMetrics {
  const registers = [metrics];
  const labelNames = ['redis'];
  const gauge = sharedMetric(metrics, CONNECTED, () => {
    const help = '1 while the connection to a Redis is there, else 0.';
    return new Gauge({ name: CONNECTED, help, labelNames, registers });
  });
  const slow = sharedMetric(metrics, SLOW, () => {
    const help = 'Commands to a Redis that took longer than 100 ms, failed ones included.';
    return new Counter({ name: SLOW, help, labelNames, registers });
  });
  gauge.set({ redis }, 0);
  slow.inc({ redis }, 0);
  return { connected: (is) => gauge.set({ redis }, is ? 1 : 0), slow: () => slow.inc({ redis }) };
}
