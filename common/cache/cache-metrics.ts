import { Counter, type Registry } from 'prom-client';
import { sharedMetric } from '../telemetry/shared-metric.ts';

const READS = 'im_cache_reads_total';

export interface CacheMetrics {
  hits(count: number): void;
  misses(count: number): void;
  away(count: number): void;
}

export function createCacheMetrics(metrics: Registry, cache: string): CacheMetrics {
  const reads = sharedMetric(metrics, READS, () => {
    const help =
      'Keys asked of a cache, by what came of it: hit, miss, or away, when the source was asked because the cache did not answer.';
    return new Counter({ name: READS, help, labelNames: ['cache', 'result'], registers: [metrics] });
  });
  const count = (result: string) => (by: number) => reads.inc({ cache, result }, by);
  return { hits: count('hit'), misses: count('miss'), away: count('away') };
}
