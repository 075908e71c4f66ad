import { randomBytes } from 'node:crypto';
import { createLogger } from '@im/common/telemetry/log.ts';
import type { StackAddresses } from '@im/common/testing/stack-addresses.ts';
import { makeClusterPlace, type RunningCluster, startCluster } from './cluster.ts';
import type { ProductOptions, ProductServer } from './product.ts';

/** The product as a cluster, its requests and sockets taking turns among the gateways. */
export async function startProductCluster(
  stack: StackAddresses,
  dataDir: string,
  options: Pick<ProductOptions, 'services' | 'now'>,
): Promise<{ server: ProductServer; adminKey: string; restart(): Promise<void>; stop(): Promise<void> }> {
  const place = await makeClusterPlace(stack);
  const adminKey = `imk_bootstrap_${randomBytes(32).toString('base64url')}`;
  const log = createLogger({ level: (process.env.IM_TEST_LOG as 'warn') ?? 'silent' });
  let cluster!: RunningCluster;
  const start = async (httpPorts: readonly number[] = [], wsPorts: readonly number[] = []) => {
    cluster = await startCluster({
      place,
      dataDir,
      services: options.services ?? {},
      adminKey,
      now: options.now,
      log,
      httpPorts,
      wsPorts,
    });
  };
  await start();
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
      stop: () => cluster.stop(),
    },
    async restart() {
      const { httpUrls, wsUrls } = cluster;
      await cluster.stop();
      await start(httpUrls.map(portOf), wsUrls.map(portOf));
    },
    async stop() {
      await cluster.stop();
      await place.remove();
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
