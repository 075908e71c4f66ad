import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_NAMES, type ServiceName } from '../../service/names.ts';
import { claimPorts } from '../stack/ports.ts';
import type { ClusterNames } from './cluster-names.ts';
import { type ServiceEnvironment, serviceEnvironment } from './service-environment.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';

/** Every service in so many processes of its own, each started by its `src/main.ts` with settings from the environment. */
export interface ServiceProcesses {
  readonly httpUrls: readonly string[];
  readonly wsUrls: readonly string[];
  readonly environment: ServiceEnvironment;
  /** In the order of their numbers. */
  of(service: ServiceName): readonly ServiceProcess[];
  readonly all: readonly ServiceProcess[];
  /** SIGKILL to all that still run. */
  killAll(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServiceProcessesOptions {
  names: ClusterNames;
  instances: number;
  /** Holds their logs. */
  folder: string;
  /** More of the environment of a service's processes. */
  env?: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>>;
  /** For Node itself, of a service's processes. */
  nodeArgs?: Readonly<Partial<Record<ServiceName, readonly string[]>>>;
}

/** Starts them all at once, as compose would not, and resolves when all are ready. */
export async function startServiceProcesses(options: ServiceProcessesOptions): Promise<ServiceProcesses> {
  const { names, instances, folder, env = {}, nodeArgs = {} } = options;
  mkdirSync(folder, { recursive: true });
  const environment = serviceEnvironment(names);
  const httpPorts = await claimPorts(instances);
  const wsPorts = await claimPorts(instances);
  // Claimed, so that they are still there after a restart.
  const portsOf = (service: ServiceName, instance: number): Record<string, string> => {
    if (service === 'ws-gateway') return { IM_PORT: String(wsPorts[instance]) };
    if (service !== 'api-gateway') return {};
    return {
      IM_PORT: String(httpPorts[instance]),
      IM_SOCKET_URL: `ws://127.0.0.1:${wsPorts[instance]}/ws`,
    };
  };

  const all = SERVICE_NAMES.flatMap((service) =>
    Array.from({ length: instances }, (_, instance) =>
      startServiceProcess({
        service,
        instance,
        env: { ...environment.of(service), ...portsOf(service, instance), ...env[service] },
        nodeArgs: nodeArgs[service],
        logFile: join(folder, `${service}-${instance}.log`),
      }),
    ),
  );
  const killAll = async () => void (await Promise.all(all.map((one) => one.kill())));
  try {
    await Promise.all(all.map((one) => one.ready()));
  } catch (error) {
    await killAll();
    throw error;
  }
  return {
    httpUrls: httpPorts.map((port) => `http://127.0.0.1:${port}`),
    wsUrls: wsPorts.map((port) => `ws://127.0.0.1:${port}/ws`),
    environment,
    of: (service) => all.filter((one) => one.service === service),
    all,
    killAll,
    stop: async () => void (await Promise.all(all.map((one) => one.stop()))),
  };
}
