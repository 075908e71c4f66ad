import type { Registry as Metrics } from 'prom-client';
import type { Database, Migrations } from '../database/database.ts';
import type { Waits } from '../lifecycle/wait-for.ts';
import { createDatabases } from './databases.ts';
import type { ServicePorts } from './module.ts';
import type { AnyModule } from './module-with-config.ts';
import { createMysqlDatabases } from './mysql-databases.ts';
import type { ServiceName } from './names.ts';
import { openBus } from './open-bus.ts';
import { openCache } from './open-cache.ts';
import { openNetwork } from './open-network.ts';
import type { Opened } from './opened.ts';
import { NO_SERVERS, type PortSettings } from './port-settings.ts';
import { createProcessKit, type ProcessKit } from './process-kit.ts';

/** The adapters a process has chosen by its settings. */
export interface Adapters {
  readonly kit: ProcessKit;
  /** Opens a service's own database, migrated; `metrics` are the service's own. */
  openDatabase<S>(service: ServiceName, migrations: Migrations, metrics: Metrics): Promise<Database<S>>;
  /** Lets go of everything, after the services have stopped. */
  close(): Promise<void>;
}

export interface AdapterOptions {
  /** Adapters and facts that are there already; they count before the settings. */
  given: Partial<ProcessKit>;
  ports: PortSettings;
  services: readonly AnyModule[];
  /** Where SQLite files are. */
  dataDir: string;
  lockDataDir: boolean;
  /** Of the process. */
  metrics: Metrics;
  waits: Waits;
  /** Whether everything in the process can serve. */
  isReady: () => boolean;
}

/**
 * Opens what the services of a process need, and waits until it is there: the
 * one place where settings become adapters. What fails on the way is closed.
 */
export async function openAdapters(options: AdapterOptions): Promise<Adapters> {
  const { ports, services, waits, metrics, isReady } = options;
  const base = createProcessKit(options.given);
  const opened: Opened<unknown>[] = [];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  };
  const keep = <Adapter>(one: Opened<Adapter>): Opened<Adapter> => {
    opened.push(one);
    return one;
  };
  const has = (port: keyof ServicePorts, how: string[]) =>
    services.some((module) => how.includes(module.ports?.[port] ?? ''));
  try {
    const network = keep(await openNetwork({ ports, kit: base, metrics, isReady }));
    const bus = keep(openBus(has('bus', ['needed']) ? ports.bus : NO_SERVERS.bus, base, metrics));
    const cache = keep(
      openCache({
        setting: has('cache', ['needed', 'used']) ? ports.cache : NO_SERVERS.cache,
        kit: base,
        metrics,
        discovery: network.adapter.discovery,
      }),
    );
    const needed = [network, bus, ...(has('cache', ['needed']) ? [cache] : [])];
    await Promise.all(needed.map((one) => waits.until(one.where, one.reachable)));

    const kit: ProcessKit = { ...base, network: network.adapter, bus: bus.adapter, ...cache.adapter };
    const files = createDatabases({ ...options, now: kit.now, log: kit.log });
    const schemas = createMysqlDatabases({ now: kit.now, log: kit.log, waits });
    return {
      kit,
      openDatabase(service, migrations, serviceMetrics) {
        const setting = ports.databases[service];
        if (setting?.engine !== 'mysql') return files.open(service, migrations);
        return schemas.open(service, { url: setting.url, migrations, metrics: serviceMetrics });
      },
      async close() {
        await schemas.close();
        await files.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
