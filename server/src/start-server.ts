import { resolve } from 'node:path';
import type { Environment } from '@im/common/config/environment.ts';
import { lockDataFolder } from '@im/common/database/data-folder.ts';
import type { KnownServiceKeys } from '@im/common/identity/service-keys.ts';
import type { AnyService, RpcClient } from '@im/common/rpc/types.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { NO_SERVERS, type PortSettings } from '@im/common/service/port-settings.ts';
import { type RunningProcess, startProcess } from '@im/common/service/process.ts';
import type { ProcessKit } from '@im/common/service/process-kit.ts';
import type { AdminRoute } from '@im/common/telemetry/admin-server.ts';
import { createLogger, type Logger } from '@im/common/telemetry/log.ts';
import type { TracesSetting } from '@im/common/telemetry/traces.ts';
import { randomToken } from '@im/common/utils/random-id.ts';
import { BACKUP_PATH } from './backup/backup-lines.ts';
import { createBackupRoute } from './backup/backup-route.ts';
import { composeGateways, gatewaysOf } from './compose.ts';
import { configureModules } from './configure.ts';
import { loadAdminKey, loadKeys } from './keys.ts';
import { plainListenError } from './listen-error.ts';
import { removePorts, writePorts } from './ports-file.ts';

/** How long a server may take until it serves; far beyond what it does take, in milliseconds. */
const READY_WITHIN_MS = 30_000;
/** 256 bits: whoever knows it may take backups, which hold everything. */
const ADMIN_TOKEN_BYTES = 32;

export interface ServerOptions {
  /** Where everything is kept; made when missing, locked while the server runs. */
  dataDir: string;
  /** What HTTP and sockets bind to; 127.0.0.1 if left out. */
  host?: string;
  /** What metrics and health bind to; 127.0.0.1 if left out. */
  adminHost?: string;
  /** Ports; 0, a free one, if left out. */
  httpPort?: number;
  wsPort?: number;
  adminPort?: number;
  /** The services to run, all if left out. */
  targets?: 'all' | readonly ServiceName[];
  /** Settings of services, the keys of their `etc/*.yaml`. */
  services?: Readonly<Partial<Record<ServiceName, Record<string, unknown>>>>;
  /** Where `services` was read, for error messages. */
  where?: string;
  /** Environment variables that set keys of services (`IM_DIRECT_MESSAGES`); none if left out. */
  env?: Environment;
  /** Milliseconds since 1970. */
  now?: () => number;
  log?: Logger;
  /** Where what requests cause is told; nowhere if left out. */
  traces?: TracesSetting;
  /** Which servers the ports are on; none if left out. */
  ports?: PortSettings;
  /** The keys of a process that is one of many; its own, kept in the folder, if left out. */
  serviceKeys?: KnownServiceKeys;
  /** Told the admin address as soon as it is served. */
  onAdmin?: (url: string) => void;
  /** Ends the waiting for servers; the start then rejects with its reason. */
  leaving?: AbortSignal;
  /** Adapters other than those that the settings say. */
  kit?: Partial<Pick<ProcessKit, 'network' | 'bus' | 'locations' | 'offlineCache'>>;
}

export interface RunningServer {
  /** Such as `http://127.0.0.1:8080`; '' where api-gateway does not run. */
  readonly httpUrl: string;
  /** Such as `ws://127.0.0.1:8081/ws`; '' where ws-gateway does not run. */
  readonly wsUrl: string;
  readonly adminUrl: string;
  /** Absolute. */
  readonly dataDir: string;
  /** Holds the first key of the server API. */
  readonly adminKeyFile: string;
  /** A client whose calls are those of service `as`. */
  client<S extends AnyService>(service: S, as: ServiceName): RpcClient<S>;
  /** What is missing before everything serves, a sentence each. */
  notReady(): string[];
  /** Resolves once everything serves; rejects when the server stops first. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Ends everything in order and lets go of the data folder. */
  stop(): Promise<void>;
}

/** Runs the backend in this process and resolves once it serves. Rejects with one clear sentence otherwise. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = await openServer(options);
  try {
    await server.ready(AbortSignal.timeout(READY_WITHIN_MS));
    return server;
  } catch {
    const missing = server.notReady().join('; ');
    await server.stop();
    throw new Error(`not ready after ${READY_WITHIN_MS / 1000} s: ${missing}`);
  }
}

/** As `startServer`, but resolves as soon as it listens: a process without all services may never be ready. */
export async function openServer(options: ServerOptions): Promise<RunningServer> {
  const dataDir = resolve(options.dataDir);
  const lock = lockDataFolder(dataDir);
  try {
    // Of a server that was killed; the ports may be anybody's by now.
    removePorts(dataDir);
    const adminKey = loadAdminKey(dataDir);
    const adminToken = randomToken(ADMIN_TOKEN_BYTES);
    const log = options.log ?? createLogger({ level: 'info' });
    const backups = createBackupRoute({ dataDir, token: adminToken, now: options.now ?? Date.now, log });
    const adminRoutes = { [`POST ${BACKUP_PATH}`]: backups.handle };
    const running = await run({ ...options, log }, { dataDir, adminKey: adminKey.key, adminRoutes });
    const { http, socket } = gatewaysOf(running.services);
    writePorts(dataDir, {
      httpPort: http?.port,
      wsPort: socket?.port,
      adminPort: running.admin?.port,
      adminToken,
    });
    return {
      httpUrl: http?.url ?? '',
      wsUrl: socket?.url ?? '',
      adminUrl: running.admin?.url ?? '',
      dataDir,
      adminKeyFile: adminKey.file,
      client: running.client,
      notReady: running.notReady,
      ready: running.ready,
      async stop() {
        await backups.stop();
        await running.stop();
        removePorts(dataDir);
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw plainListenError(error);
  }
}

interface Prepared {
  readonly dataDir: string;
  readonly adminKey: string;
  readonly adminRoutes: Readonly<Record<string, AdminRoute>>;
}

async function run(
  options: ServerOptions,
  { dataDir, adminKey, adminRoutes }: Prepared,
): Promise<RunningProcess> {
  const { host = '127.0.0.1', httpPort = 0, wsPort = 0, adminPort = 0, targets = 'all' } = options;
  const keys = loadKeys(dataDir);
  const modules = configureModules({
    targets,
    sections: options.services ?? {},
    where: options.where ?? 'settings',
    env: options.env ?? {},
    host,
    httpPort,
    wsPort,
    keys,
    adminKey,
    sharedPorts: options.serviceKeys === undefined ? undefined : (options.ports ?? NO_SERVERS),
  });
  let running: RunningProcess | undefined;
  const notReady = () => running?.notReady() ?? ['the process is starting'];
  running = await startProcess({
    ...options.kit,
    modules,
    dataDir,
    adminHost: options.adminHost,
    adminPort,
    adminRoutes,
    ports: options.ports,
    tracing: options.traces,
    serviceKeys: options.serviceKeys ?? keys.serviceKeys,
    onAdmin: options.onAdmin,
    leaving: options.leaving,
    now: options.now,
    log: options.log,
    compose: (services) => composeGateways(gatewaysOf(services), notReady),
  });
  return running;
}
