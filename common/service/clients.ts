import type { Registry } from 'prom-client';
import { createServiceTokenIssuer, type ServiceTokenIssuer } from '../identity/service-tokens.ts';
import { createRpcClient } from '../rpc/client.ts';
import type { AnyService, RpcClient } from '../rpc/types.ts';
import type { ServiceName } from './names.ts';
import type { ProcessKit } from './process-kit.ts';

/** Makes clients that speak for a service of this process, or for one that only a test plays. */
export interface Clients {
  client<S extends AnyService>(service: S, as: ServiceName): RpcClient<S>;
}

/** Clients over the process's network; `metricsOf` gives the registry their calls are counted in. */
export function createClients(kit: ProcessKit, metricsOf: (name: ServiceName) => Registry): Clients {
  const issuers = new Map<ServiceName, ServiceTokenIssuer>();
  const tokensOf = (service: ServiceName): ServiceTokenIssuer => {
    const known = issuers.get(service);
    if (known !== undefined) return known;
    const privateKey = kit.serviceKeys[service]?.privateKey;
    if (privateKey === undefined) throw new Error(`this process has no key to call as ${service}`);
    const issuer = createServiceTokenIssuer({ service, privateKey, now: kit.now });
    issuers.set(service, issuer);
    return issuer;
  };
  return {
    client: (service, as) =>
      createRpcClient(service, {
        transport: kit.network.transport,
        tokens: tokensOf(as),
        metrics: metricsOf(as),
        traces: kit.traces?.of(as),
      }),
  };
}
