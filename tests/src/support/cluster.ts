import type { KnownServiceKeys } from '@im/common/identity/service-keys.ts';
import { generateServiceKeys } from '@im/common/identity/service-keys.ts';
import { serviceOf } from '@im/common/rpc/service-of.ts';
import type { AnyService, RpcClient } from '@im/common/rpc/types.ts';
import { withDefaults } from '@im/common/service/module-with-config.ts';
import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import {
  busSetting,
  cacheSetting,
  databaseSetting,
  NO_SERVERS,
  type PortSettings,
  registrySetting,
} from '@im/common/service/port-settings.ts';
import { type RunningProcess, startProcess } from '@im/common/service/process.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { TracesSetting } from '@im/common/telemetry/traces.ts';
import { makeClusterNames } from '@im/common/testing/cluster/cluster-names.ts';
import { sharedSecrets } from '@im/common/testing/cluster/shared-secrets.ts';
import type { StackAddresses } from '@im/common/testing/stack-addresses.ts';
import { MODULES } from '@im/server';

/** Names of its own in servers that others use too. */
export interface ClusterPlace {
  /** Not guessable. */
  readonly name: string;
  /** The servers of a service, as its process has them. */
  portsOf(service: ServiceName): PortSettings;
  /** `redis://…` of the sessions. */
  readonly sessionsUrl: string;
  readonly serviceKeys: KnownServiceKeys;
  remove(): Promise<void>;
}

/** Makes a schema for each service that has one; topic and key prefixes need no making. */
export async function makeClusterPlace(stack: StackAddresses): Promise<ClusterPlace> {
  const names = await makeClusterNames(stack);
  const databases = Object.fromEntries(
    SERVICE_NAMES.flatMap((service) => {
      const url = names.databaseOf(service);
      return url === undefined ? [] : [[service, databaseSetting.parse(url)]];
    }),
  );
  return {
    name: names.name,
    portsOf: () => ({
      ...NO_SERVERS,
      databases,
      cache: cacheSetting.parse(names.cache),
      bus: busSetting.parse(names.bus),
      registry: registrySetting.parse(names.registry),
    }),
    sessionsUrl: names.sessions,
    serviceKeys: generateServiceKeys(SERVICE_NAMES),
    remove: names.remove,
  };
}

export interface ClusterOptions {
  place: ClusterPlace;
  dataDir: string;
  services: Readonly<Partial<Record<ServiceName, Record<string, unknown>>>>;
  adminKey: string;
  /** What instances of auth-service share; made for the place if left out. */
  secrets?: Readonly<Record<string, unknown>>;
  now: (() => number) | undefined;
  traces?: TracesSetting | undefined;
  log: Logger;
  /** Ports of the gateways' instances. */
  httpPorts: readonly number[];
  wsPorts: readonly number[];
}

/** Every service in two processes, all of them in this one but reaching each other only over the servers and gRPC. */
export interface RunningCluster {
  readonly httpUrls: readonly string[];
  readonly wsUrls: readonly string[];
  /** Of one of them. */
  readonly adminUrl: string;
  readonly processes: readonly RunningProcess[];
  client<S extends AnyService>(service: S, as: ServiceName): RpcClient<S>;
  notReady(): string[];
  stop(): Promise<void>;
}

const INSTANCES = [0, 1];

export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const { place, now, log } = options;
  const decided: Partial<Record<ServiceName, (instance: number) => Record<string, unknown>>> = {
    'api-gateway': (instance) => ({
      port: options.httpPorts[instance],
      socketUrl: `ws://127.0.0.1:${options.wsPorts[0]}/ws`,
    }),
    'ws-gateway': (instance) => ({ port: options.wsPorts[instance] }),
    'user-service': () => ({ adminKey: options.adminKey }),
    'auth-service': () => ({
      ...(options.secrets ?? sharedSecrets(place.name)),
      sessions: place.sessionsUrl,
    }),
  };
  const running: { name: ServiceName; process: RunningProcess }[] = [];
  const stop = async () => {
    // Gateways first, as an operator would.
    for (const instances of Object.values(Object.groupBy(running.splice(0).reverse(), ({ name }) => name)))
      await Promise.all(instances.map(({ process }) => process.stop()));
  };
  try {
    await Promise.all(
      MODULES.flatMap((module) =>
        INSTANCES.map(async (instance) => {
          const { name } = module;
          const settings = { ...options.services[name], ...decided[name]?.(instance) };
          const process = await startProcess({
            modules: [withDefaults(module, settings)],
            dataDir: options.dataDir,
            ports: place.portsOf(name),
            serviceKeys: place.serviceKeys,
            adminPort: 0,
            now,
            tracing: options.traces,
            log: log.child({ process: `${name} ${instance}` }),
          });
          running.push({ name, process });
        }),
      ),
    );
    await Promise.all(running.map(({ process }) => process.ready(AbortSignal.timeout(30_000))));
  } catch (error) {
    const missing = running.flatMap(({ process }) => process.notReady());
    await stop();
    throw new Error(`the cluster is not ready: ${missing.join('; ')}`, { cause: error });
  }
  running.sort((a, b) => SERVICE_NAMES.indexOf(a.name) - SERVICE_NAMES.indexOf(b.name));
  // api-gateway is called by nobody over the wire; its contract is served within its process.
  const callerOf = (service: AnyService, as: ServiceName) => {
    const where = serviceOf(service) === 'api-gateway' ? 'api-gateway' : as;
    return running.find(({ name }) => name === where)!.process;
  };
  const urlsOf = (name: ServiceName) =>
    running.flatMap((one) => (one.name === name ? [one.process.services.get(name)!.url!] : []));
  return {
    httpUrls: urlsOf('api-gateway'),
    wsUrls: urlsOf('ws-gateway'),
    adminUrl: running[0]!.process.admin!.url,
    processes: running.map(({ process }) => process),
    client: (service, as) => callerOf(service, as).client(service, as),
    notReady: () => running.flatMap(({ process }) => process.notReady()),
    stop,
  };
}
