import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { serviceKeyText } from '@im/common/identity/service-key-text.ts';
import { generateServiceKeys, publicServiceKeys } from '@im/common/identity/service-keys.ts';
import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import { claimPorts } from '@im/common/testing/stack/ports.ts';
import { randomToken } from '@im/common/utils/random-id.ts';
import type { JWK } from 'jose';
import { sharedSecrets } from '../support/secrets.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Where a cluster of processes keeps what it stores: names of its own on servers that others may use too. */
export interface ClusterNames {
  /** `mysql://…/<schema>` of a service that has one. */
  databaseOf(service: ServiceName): string | undefined;
  readonly cache: string;
  readonly sessions: string;
  readonly bus: string;
  readonly registry: string;
}

/** Every service in so many processes of its own, each started by its `src/main.ts` with settings from the environment. */
export interface ServiceProcesses {
  readonly httpUrls: readonly string[];
  readonly wsUrls: readonly string[];
  readonly adminKey: string;
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
  logLevel?: 'info' | 'warn';
}

const PATH = process.env.PATH ?? '';

/** Starts them all at once, as compose would not, and resolves when all are ready. */
export async function startServiceProcesses(options: ServiceProcessesOptions): Promise<ServiceProcesses> {
  const { names, instances, folder } = options;
  mkdirSync(folder, { recursive: true });
  const keys = generateServiceKeys(SERVICE_NAMES);
  const publicKeys = serviceKeyText(publicServiceKeys(keys) as Record<ServiceName, JWK>, 'x');
  const secrets = sharedSecrets(randomToken(16));
  const adminKey = `imk_bootstrap_${randomToken(32)}`;
  const httpPorts = await claimPorts(instances);
  const wsPorts = await claimPorts(instances);

  function environmentOf(service: ServiceName, instance: number): Record<string, string> {
    const common = {
      PATH,
      IM_REGISTRY: names.registry,
      IM_SERVICE_KEYS: serviceKeyText({ [service]: keys[service].privateKey }, 'd'),
      IM_SERVICE_PUBLIC_KEYS: publicKeys,
      IM_LOG_LEVEL: options.logLevel ?? 'info',
    };
    const database = names.databaseOf(service);
    const own: Partial<Record<ServiceName, Record<string, string>>> = {
      'user-service': {
        IM_ADMIN_KEY: adminKey,
        IM_PASSWORD_MEMORY_KI_B: '8',
        IM_PASSWORD_PASSES: '1',
      },
      'auth-service': {
        IM_SESSIONS: names.sessions,
        IM_SIGNING_KEYS: JSON.stringify(secrets.signingKeys),
        IM_REFRESH_SECRET: String(secrets.refreshSecret),
      },
      'friend-service': { IM_CACHE: names.cache },
      'group-service': { IM_CACHE: names.cache },
      'chat-service': { IM_CACHE: names.cache, IM_BUS: names.bus },
      'api-gateway': {
        IM_CACHE: names.cache,
        IM_PORT: String(httpPorts[instance]),
        IM_SOCKET_URL: `ws://127.0.0.1:${wsPorts[instance]}/ws`,
      },
      'ws-gateway': { IM_CACHE: names.cache, IM_PORT: String(wsPorts[instance]) },
    };
    return { ...common, ...(database === undefined ? {} : { IM_DATABASE: database }), ...own[service] };
  }

  const all = SERVICE_NAMES.flatMap((service) =>
    Array.from({ length: instances }, (_, instance) =>
      startServiceProcess({
        service,
        instance,
        main: join(ROOT, service, 'src/main.ts'),
        env: environmentOf(service, instance),
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
    adminKey,
    of: (service) => all.filter((one) => one.service === service),
    all,
    killAll,
    stop: async () => void (await Promise.all(all.map((one) => one.stop()))),
  };
}
