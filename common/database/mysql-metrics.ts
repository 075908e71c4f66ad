import { Counter, Gauge, type Registry } from 'prom-client';
import type { MysqlPool } from './mysql-pool.ts';

const IN_USE = 'im_database_connections_in_use';
const WAITING = 'im_database_connections_waiting';
const SLOW = 'im_database_slow_statements_total';

export interface MysqlMetrics {
  countSlow(): void;
  /** Takes the metrics out of the registry again. */
  remove(): void;
}

/** Shows how busy the pools are: `pool` is `write` or `read`. */
export function showMysqlMetrics(
  registry: Registry,
  pools: Readonly<Record<'write' | 'read', MysqlPool>>,
): MysqlMetrics {
  const gauge = (name: string, help: string, measure: (pool: MysqlPool) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['pool'],
      registers: [registry],
      collect() {
        for (const [pool, of] of Object.entries(pools)) this.set({ pool }, measure(of));
      },
    });
  gauge(IN_USE, 'Database connections that are working.', (pool) => pool.inUse);
  gauge(WAITING, 'Queries and transactions that wait for a database connection.', (pool) => pool.waiting);
  const slow = new Counter({
    name: SLOW,
    help: 'Database statements that took more than 200 ms.',
    registers: [registry],
  });
  return {
    countSlow: () => slow.inc(),
    remove() {
      for (const name of [IN_USE, WAITING, SLOW]) registry.removeSingleMetric(name);
    },
  };
}
