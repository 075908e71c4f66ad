import { randomBytes } from 'node:crypto';
import { createLogger } from '@im/common/telemetry/log.ts';
import { claimPorts } from '@im/common/testing/stack/ports.ts';
import type { StackAddresses } from '@im/common/testing/stack-addresses.ts';
import { makeClusterPlace, type RunningCluster, startCluster } from './cluster.ts';
import type { ProductOptions, ProductServer } from './product.ts';

/** The product as a cluster, its requests and sockets taking turns among the gateways. */
export async function startProductCluster(
  stack: StackAddresses,
  dataDir: string,
  options: Pick<ProductOptions, 'services' | 'now' | 'traces'>,
): Promise<{ server: ProductServer; adminKey: string; restart(): Promise<void>; stop(): Promise<void> }> {
  const place = await makeClusterPlace(stack);
  const adminKey = `imk_bootstrap_${randomBytes(32).toString('base64url')}`;
  const log = createLogger({ level: (process.env.IM_TEST_LOG as 'warn') ?? 'silent' });
  let cluster!: RunningCluster;
  const start = async (httpPorts: readonly number[], wsPorts: readonly number[]) => {
    cluster = await startCluster({
      place,
      dataDir,
      services: options.services ?? {},
      adminKey,
      now: options.now,
      traces: options.traces,
      log,
      httpPorts,
      wsPorts,
    });
  };
  // Claimed, so that they are still there after a restart.
  const ports = await claimPorts(4);
  await start(ports.slice(0, 2), ports.slice(2));
  let turn = 0;
  const next = (urls: readonly string[]) => urls[turn++ % urls.length]!;
  return {
    adminKey,
    server: {
      get httpUrl() {
        return next(cluster.httpUrls);
      },
      get wsUrl() {
        return next(cluster.wsUrls);
      },
      get adminUrl() {
        return cluster.adminUrl;
      },
      dataDir,
      client: (service, as) => cluster.client(service, as),
      get wsUrls() {
        return cluster.wsUrls;
      },
      stop: () => cluster.stop(),
    },
    async restart() {
      await cluster.stop();
      await start(ports.slice(0, 2), ports.slice(2));
    },
    async stop() {
      await cluster.stop();
      await place.remove();
    },
  };
}
