import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import { makeClusterNames } from '@im/common/testing/cluster/cluster-names.ts';
import { startServiceProcesses } from '@im/common/testing/cluster/service-processes.ts';
import { SERVER_KINDS, type ServerKind } from '@im/common/testing/stack/server-kinds.ts';
import { startStack } from '@im/common/testing/stack/start-stack.ts';
import { processUsage, sumOf } from './process-usage.ts';
import { createProductPeople } from './product-people.ts';
import type { Product } from './target.ts';

/** Anybody may write to anybody, and as often as they can: what is measured is the work. */
const ANYONE = { IM_DIRECT_MESSAGES: 'anyone' };
const SETTINGS: Readonly<Partial<Record<ServiceName, Record<string, string>>>> = {
  'group-service': ANYONE,
  'chat-service': ANYONE,
  'api-gateway': { IM_REQUESTS_PER_MINUTE_PER_USER: '0' },
};

const SERVER_NAMES: Readonly<Record<ServerKind, string>> = {
  mysql: 'MySQL',
  redis: 'Redis (cache)',
  'redis-session': 'Redis (sessions)',
  kafka: 'Kafka',
  etcd: 'etcd',
};

/**
 * The product as a cluster: each service in so many processes, on servers of the
 * bench's own. Its usage is that of the services; the servers are parts beside them.
 */
export async function startCluster(folder: string, instances: number): Promise<Product> {
  const stack = await startStack();
  try {
    const names = await makeClusterNames(stack.addresses);
    const startedAt = performance.now();
    const services = await startServiceProcesses({
      names,
      instances,
      folder,
      env: SETTINGS,
      nodeArgs: nodeArgs(),
    });
    const firstStartMs = performance.now() - startedAt;
    const pidsOf = (service: ServiceName) => services.of(service).map(({ pid }) => pid!);
    return {
      name: instances === 1 ? 'im-backend cluster' : `im-backend cluster × ${instances}`,
      socketUrls: services.wsUrls,
      httpUrls: services.httpUrls,
      firstStartMs,
      ...createProductPeople(services.httpUrls[0]!, services.environment.adminKey),
      async usage() {
        const ofServices = SERVICE_NAMES.map(
          async (name) => [name, sumOf(await Promise.all(pidsOf(name).map(processUsage)))] as const,
        );
        const ofServers = SERVER_KINDS.map(
          async (kind) => [SERVER_NAMES[kind], await processUsage(stack.servers[kind]!.pid!)] as const,
        );
        const own = await Promise.all(ofServices);
        const parts = Object.fromEntries([...own, ...(await Promise.all(ofServers))]);
        return { ...sumOf(own.map(([, usage]) => usage)), parts };
      },
      async restart() {
        await services.stop();
        const again = performance.now();
        await Promise.all(services.all.map((one) => one.start()));
        return performance.now() - again;
      },
      async stop() {
        // Cleanly: a profile is written at the end.
        await services.stop();
        await stack.stop();
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** `{service}` stands for the name of each. */
function nodeArgs(): Partial<Record<ServiceName, string[]>> {
  const given = process.env.IM_BENCH_NODE_ARGS?.split(' ') ?? [];
  return Object.fromEntries(
    SERVICE_NAMES.map((name) => [name, given.map((arg) => arg.replaceAll('{service}', name))]),
  );
}
