import type { Registry } from 'prom-client';
import type { Database, Migrations } from '../database/database.ts';
import type { Waits } from '../lifecycle/wait-for.ts';
import { createDatabases } from './databases.ts';
import type { AnyModule } from './module-with-config.ts';
import { createMysqlDatabases } from './mysql-databases.ts';
import type { ServiceName } from './names.ts';
import type { PortSettings } from './port-settings.ts';
import { createProcessKit, type ProcessKit } from './process-kit.ts';

/** The adapters a process has chosen by its settings. */
export interface Adapters {
  readonly kit: ProcessKit;
  /** Opens a service's own database, migrated; `metrics` are the service's own. */
  openDatabase<S>(service: ServiceName, migrations: Migrations, metrics: Registry): Promise<Database<S>>;
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
  metrics: Registry;
  waits: Waits;
}

/** Opens what the services of a process need: the one place where settings become adapters. */
export async function openAdapters(options: AdapterOptions): Promise<Adapters> {
  const kit = createProcessKit(options.given);
  const files = createDatabases({ ...options, now: kit.now, log: kit.log });
  const schemas = createMysqlDatabases({ now: kit.now, log: kit.log, waits: options.waits });
  return {
    kit,
    openDatabase(service, migrations, metrics) {
      const setting = options.ports.databases[service];
      if (setting?.engine !== 'mysql') return files.open(service, migrations);
      return schemas.open(service, { url: setting.url, migrations, metrics });
    },
    async close() {
      await schemas.close();
      await files.close();
    },
  };
}
