import type { Registry as Metrics } from 'prom-client';
import { createEtcdRegistry } from '../registry/registry-etcd.ts';
import { createP2cBalancer } from '../resilience/p2c-balancer.ts';
import type { RpcNetwork } from '../rpc/network.ts';
import { openClusterNetwork } from './cluster-network.ts';
import { type Opened, openedHere } from './opened.ts';
import type { PortSettings } from './port-settings.ts';
import type { ProcessKit } from './process-kit.ts';
import { readRpcTls } from './rpc-tls.ts';

/** Calls within the process alone, or also to those that a registry knows. */
export async function openNetwork(options: {
  ports: Pick<PortSettings, 'registry' | 'rpc'>;
  kit: ProcessKit;
  metrics: Metrics;
  isReady: () => boolean;
}): Promise<Opened<RpcNetwork>> {
  const { ports, kit, metrics, isReady } = options;
  if (ports.registry.engine === 'none') return openedHere(kit.network);
  const { log, bootId } = kit;
  const tls = readRpcTls(ports.rpc.tls);
  const registry = createEtcdRegistry({ ...ports.registry, log, metrics });
  try {
    const balancer = createP2cBalancer();
    const network = await openClusterNetwork({
      registry,
      rpc: ports.rpc,
      tls,
      bootId,
      balancer,
      isReady,
      log,
    });
    return {
      adapter: network,
      where: `etcd at ${ports.registry.hosts.join(',')}`,
      reachable: registry.reachable,
      async close() {
        await network.close();
        await registry.close();
      },
    };
  } catch (error) {
    await registry.close();
    throw error;
  }
}
