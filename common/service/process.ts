import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import { traceBus } from '../bus/traced-bus.ts';
import { ConfigError } from '../config/config-error.ts';
import { type Part, startInOrder } from '../lifecycle/in-order.ts';
import { createWaits } from '../lifecycle/wait-for.ts';
import type { AnyService, RpcClient } from '../rpc/types.ts';
import { type AdminRoute, type AdminServer, startAdminServer } from '../telemetry/admin-server.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import { createMetrics, createProcessMetrics } from '../telemetry/metrics.ts';
import { openTraces } from '../telemetry/open-traces.ts';
import type { ProcessTraces, TracesSetting } from '../telemetry/traces.ts';
import { delay } from '../utils/wait.ts';
import { type Adapters, openAdapters } from './adapters.ts';
import { type Announcements, createAnnouncements } from './announcements.ts';
import { type Clients, createClients } from './clients.ts';
import type { RunningService, ServiceHost } from './module.ts';
import type { ModuleWithConfig } from './module-with-config.ts';
import { SERVICE_NAMES, type ServiceName } from './names.ts';
import { NO_SERVERS, type PortSettings } from './port-settings.ts';
import type { ProcessKit } from './process-kit.ts';
import { serviceLife } from './service-life.ts';

/**
 * The order in which services start; they stop in the reverse, so a gateway
 * stops before the services it calls. The sockets stop first of all: those that
 * came in over api-gateway's port would keep it from closing.
 */
const START_ORDER: readonly ServiceName[] = SERVICE_NAMES;

/** How often readiness is looked at while somebody waits for it. */
const READY_POLL_MS = 5;

export interface ProcessOptions extends Partial<ProcessKit> {
  /** The services to run, each once. */
  modules: readonly ModuleWithConfig[];
  /** Where SQLite files are; made when missing. */
  dataDir: string;
  /** Takes the folder for this process alone before a file in it is opened; false where the caller has done so. */
  lockDataDir?: boolean | undefined;
  /** Which servers the ports are on; none if left out. */
  ports?: PortSettings | undefined;
  /** Where what requests cause is told; nowhere if left out. */
  tracing?: TracesSetting | undefined;
  /** 0 is a free port; without it there is no admin server. */
  adminPort?: number | undefined;
  /** What the admin server binds to; the loopback address if left out. */
  adminHost?: string | undefined;
  /** What the admin server answers beside metrics and health. */
  adminRoutes?: Readonly<Record<string, AdminRoute>> | undefined;
  /** Called with the admin server's address as soon as it listens, before anything is waited for. */
  onAdmin?: ((url: string) => void) | undefined;
  /** Ties services together that share something of the process, a port for instance; called before any of them starts. */
  compose?: ((services: ReadonlyMap<ServiceName, RunningService>) => void) | undefined;
  /** Ends the waiting for servers that are not there; the start then rejects with its reason. */
  leaving?: AbortSignal | undefined;
}

export interface RunningProcess {
  /** Present when it was given a port. */
  readonly admin: AdminServer | undefined;
  readonly services: ReadonlyMap<ServiceName, RunningService>;
  readonly kit: ProcessKit;
  /** A client whose calls are those of service `as`, which need not run here. */
  client<S extends AnyService>(service: S, as: ServiceName): RpcClient<S>;
  /** What is missing before everything here can serve, a sentence each. */
  notReady(): string[];
  /** Resolves once nothing is missing any more; rejects when the signal aborts or the process stops first. */
  ready(signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs services in this process: each with its own database and RPC server, on
 * one adapter for each port. The same whichever services they are. Waits for
 * the servers that the services need.
 *
 * Rejects, with everything closed again, when one of them cannot start.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const log = options.log ?? createLogger({ level: 'info' });
  const bootId = options.bootId ?? randomUUID();
  const modules = [...options.modules].sort(
    ([a], [b]) => START_ORDER.indexOf(a.name) - START_ORDER.indexOf(b.name),
  );
  const registries = new Map<ServiceName, Registry>();
  const metricsOf = (name: ServiceName): Registry => {
    const registry = registries.get(name) ?? createMetrics({ service: name });
    registries.set(name, registry);
    return registry;
  };
  const processMetrics = createProcessMetrics();
  const services = new Map<ServiceName, RunningService>();
  const waits = createWaits({
    log,
    signal: options.leaving ?? new AbortController().signal,
    isFinal: (error) => error instanceof ConfigError,
  });
  let phase: 'starting' | 'running' | 'stopping' = 'starting';
  let admin: AdminServer | undefined;
  let adapters!: Adapters;
  let opened: ProcessTraces | undefined;
  let clients!: Clients;
  let announcements: Announcements | undefined;

  const notReady = (): string[] => {
    if (phase !== 'running') return [...waits.missing(), `the process is ${phase}`];
    const missing = [...services].flatMap(([name, service]) => {
      const what = service.notReady?.();
      return what === undefined ? [] : [`${name}: ${what}`];
    });
    return [...missing, ...(announcements?.missing() ?? [])];
  };

  const hostOf = (name: ServiceName): ServiceHost => {
    const { kit } = adapters;
    const traces = kit.traces?.of(name);
    return {
      name,
      bootId: kit.bootId,
      log: kit.log.child({ service: name }),
      metrics: metricsOf(name),
      traces,
      now: kit.now,
      client: (service) => clients.client(service, name),
      openDatabase: (migrations) => adapters.openDatabase(name, migrations, metricsOf(name)),
      until: waits.until,
      discovery: kit.network.discovery,
      bus: traces === undefined ? kit.bus : traceBus(kit.bus, traces),
      locations: kit.locations,
      offlineCache: kit.offlineCache,
      cache: kit.cache,
      rateLimits: kit.rateLimits,
    };
  };

  const adminPart: Part = {
    name: 'admin server',
    start: async () => {
      if (options.adminPort === undefined) return;
      admin = await startAdminServer({
        host: options.adminHost,
        port: options.adminPort,
        registries: () => [processMetrics, ...registries.values()],
        notReady,
        routes: options.adminRoutes,
      });
      options.onAdmin?.(admin.url);
    },
    stop: async () => admin?.close(),
  };
  const tracesPart: Part = {
    name: 'traces',
    start: async () => {
      if (options.tracing === undefined) return;
      opened = await openTraces({ setting: options.tracing, bootId, log, metrics: processMetrics });
    },
    stop: async () => opened?.close(),
  };
  const adaptersPart: Part = {
    name: 'adapters',
    start: async () => {
      adapters = await openAdapters({
        given: { ...options, log, bootId, traces: options.traces ?? opened },
        ports: options.ports ?? NO_SERVERS,
        services: modules.map(([module]) => module),
        dataDir: options.dataDir,
        lockDataDir: options.lockDataDir ?? false,
        metrics: processMetrics,
        waits,
        isReady: () => notReady().length === 0,
      });
      clients = createClients(adapters.kit, metricsOf);
    },
    stop: async () => adapters.close(),
  };
  const composePart: Part = { name: 'composition', start: async () => options.compose?.(services) };
  const lives = modules.map(([module, config]) =>
    serviceLife({
      module,
      config,
      host: () => hostOf(module.name),
      kit: () => adapters.kit,
      onCreated: (made) => services.set(module.name, made),
    }),
  );
  const announcePart: Part = {
    name: 'announcements',
    start: async () => {
      announcements = createAnnouncements(adapters.kit.network, services, log);
    },
    stop: async () => announcements?.close(),
  };
  const parts = await startInOrder(
    [
      adminPart,
      tracesPart,
      adaptersPart,
      ...lives.map((life) => life.create),
      composePart,
      ...lives.map((life) => life.serve),
      ...lives.map((life) => life.run),
      announcePart,
    ],
    log,
  );
  phase = 'running';

  const stop = async () => {
    phase = 'stopping';
    // First of all, so that nobody chooses what is about to go.
    await announcements?.close();
    await Promise.all([...services].map(([name, service]) => drain(name, service, log)));
    await parts.stop();
  };
  let stopped: Promise<void> | undefined;

  return {
    admin,
    services,
    kit: adapters.kit,
    client: clients.client,
    notReady,
    async ready(signal) {
      while (notReady().length > 0) {
        if (phase === 'stopping') throw new Error('the process stops before it was ready');
        await delay(READY_POLL_MS, signal);
      }
    },
    stop: () => (stopped ??= stop()),
  };
}

async function drain(name: ServiceName, service: RunningService, log: Logger): Promise<void> {
  try {
    await service.drain?.();
  } catch (error) {
    log.error({ err: error, service: name }, 'could not drain');
  }
}
