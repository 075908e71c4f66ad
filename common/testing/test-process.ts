import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyService, RpcClient } from '../rpc/types.ts';
import type { RunningService } from '../service/module.ts';
import { type AnyModule, withDefaults } from '../service/module-with-config.ts';
import type { ServiceName } from '../service/names.ts';
import { NO_SERVERS } from '../service/port-settings.ts';
import { type RunningProcess, startProcess } from '../service/process.ts';
import { createProcessKit, type ProcessKit } from '../service/process-kit.ts';
import { createLogger } from '../telemetry/log.ts';
import { makeTestDatabases } from './test-databases.ts';

export interface TestProcessOptions extends Partial<ProcessKit> {
  /** The services to run with the settings that differ from their defaults. Others answer SERVICE_AWAY. */
  modules: readonly (readonly [module: AnyModule, settings: Record<string, unknown>])[];
}

/** Services in a process of a test's own, on a temporary folder. */
export interface TestProcess {
  readonly dataDir: string;
  /** What the services share at the moment: network, bus, locations … */
  readonly kit: ProcessKit;
  /** A client whose calls are those of `as`; gateways add `speakFor`. Goes on working after a restart. */
  client<S extends AnyService>(service: S, as: ServiceName): RpcClient<S>;
  /** The running object of a service. */
  service(name: ServiceName): RunningService;
  notReady(): string[];
  /** Runs one statement on a service's database, beside the service, for what no RPC shows. */
  query(service: ServiceName, sql: string): Promise<Record<string, unknown>[]>;
  /** Resolves once every service can serve. */
  ready(): Promise<void>;
  /** Stops cleanly and starts on the same data with the same keys; what was only in memory is gone. */
  restart(): Promise<void>;
  /** Stops and removes the folder. */
  stop(): Promise<void>;
}

/**
 * Runs services as a process does, quietly, for a test; with `IM_TEST_DATABASE=mysql`
 * on MySQL schemas of its own. Stop it in an `afterEach`.
 */
export async function startTestProcess(options: TestProcessOptions): Promise<TestProcess> {
  const { modules, ...given } = options;
  const configured = modules.map(([module, settings]) => withDefaults(module, settings));
  const dataDir = mkdtempSync(join(tmpdir(), 'im-process-'));
  const { serviceKeys } = createProcessKit(given);
  const log = given.log ?? createLogger({ level: 'silent' });
  const services = modules.map(([module]) => module.name);
  const databases = await makeTestDatabases(services, dataDir);
  const ports = { ...NO_SERVERS, databases: databases.settings };
  const start = () => startProcess({ ...given, ports, modules: configured, dataDir, serviceKeys, log });
  const remove = async () => {
    rmSync(dataDir, { recursive: true, force: true });
    await databases.remove();
  };
  let running: RunningProcess;
  try {
    running = await start();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    dataDir,
    get kit() {
      return running.kit;
    },
    client: (service, as) => currentClient(() => running.client(service, as)),
    service: (name) => {
      const service = running.services.get(name);
      if (service === undefined) throw new Error(`${name} does not run in this process`);
      return service;
    },
    notReady: () => running.notReady(),
    query: databases.query,
    ready: () => running.ready(),
    async restart() {
      await running.stop();
      running = await start();
    },
    async stop() {
      await running.stop();
      await remove();
    },
  };
}

// A client belongs to one run of the process; tests keep theirs over restarts.
function currentClient<Client extends object>(get: () => Client): Client {
  return new Proxy({} as Client, { get: (_, method) => Reflect.get(get(), method) });
}
