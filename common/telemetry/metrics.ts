import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';

/** A registry whose every sample carries `labels`, for instance `{ service: 'chat-service' }`. */
export function createMetrics(labels: Record<string, string> = {}): Registry {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  return registry;
}

/**
 * A registry with what concerns the process as a whole. Everything is measured
 * when it is asked for: prom-client's own defaults keep observers for ever.
 */
export function createProcessMetrics(): Registry {
  const registry = createMetrics();
  const gauge = (name: string, help: string, measure: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(measure());
      },
    });
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time used since the start, of all threads.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
  let since = performance.eventLoopUtilization();
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
  gauge('process_uptime_seconds', 'Time since the start.', () => process.uptime());
  gauge('nodejs_eventloop_utilization', 'Busy share of the event loop since the last scrape, 0 to 1.', () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, since);
    since = now;
    return utilization;
  });
  return registry;
}

/**
 * All registries as one page in Prometheus' text format. Services of a process
 * use the same metric names, so the samples of a name are put under one head.
 */
export async function renderMetrics(registries: readonly Registry[]): Promise<string> {
  const byName = new Map<string, { head: string[]; samples: string[] }>();
  for (const registry of registries) {
    for (const { name } of registry.getMetricsAsArray()) {
      const lines = (await registry.getSingleMetricAsString(name)).split('\n').filter((line) => line !== '');
      const entry = byName.get(name) ?? { head: lines.filter((line) => line.startsWith('#')), samples: [] };
      entry.samples.push(...lines.filter((line) => !line.startsWith('#')));
      byName.set(name, entry);
    }
  }
  const lines = [...byName.values()].flatMap(({ head, samples }) => [...head, ...samples]);
  return `${lines.join('\n')}\n`;
}
