import type { Database } from '@im/common/database/database.ts';
import type { RunningService, ServiceHost } from '@im/common/service/module.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { createImClient } from '@im/common/testing/client/http.ts';
import { type ImSocket, openSocket } from '@im/common/testing/client/socket.ts';
import { startTestProcess } from '@im/common/testing/test-process.ts';
import { randomToken } from '@im/common/utils/random-id.ts';
import { MODULES } from '@im/server';
import { sql } from 'kysely';
import type { Product } from './product.ts';

/** Pages SQLite gives a database at most: all there are. */
const NO_LIMIT = 4_294_967_294;

/** The services and gateways with a disk that a test can fill for each of them. */
export interface ProductOnDisk extends Product {
  /** From now on the service's file does not grow by a page. What still fits into its pages is stored. */
  fill(service: ServiceName): Promise<void>;
  /** There is room again. */
  clear(service: ServiceName): Promise<void>;
}

/** Starts it, quietly, on a temporary folder. */
export async function startProductOnDisk(): Promise<ProductOnDisk> {
  const databases = new Map<ServiceName, Database<unknown>>();
  const adminKey = `imk_bootstrap_${randomToken(32)}`;
  const settings: Partial<Record<ServiceName, Record<string, unknown>>> = {
    'api-gateway': { port: 0 },
    'ws-gateway': { port: 0 },
    'user-service': { adminKey: adminKey, password: { memoryKiB: 8, passes: 1 } },
  };
  const process = await startTestProcess({
    modules: MODULES.map((module) => [keeping(databases, module), settings[module.name] ?? {}] as const),
  });
  await process.ready();
  const sockets = new Set<ImSocket>();
  const wsUrl = process.service('ws-gateway').url ?? '';
  const httpUrl = process.service('api-gateway').url ?? '';
  const client = createImClient(httpUrl);
  const limit = (service: ServiceName, pages: number) =>
    databases.get(service)!.transaction((trx) => sql.raw(`pragma max_page_count = ${pages}`).execute(trx));
  return {
    server: {
      httpUrl,
      wsUrl,
      wsUrls: [wsUrl],
      adminUrl: '',
      dataDir: process.dataDir,
      client: process.client,
      stop: process.stop,
    },
    client,
    admin: client.as(adminKey),
    adminKey,
    otherWsUrl: wsUrl,
    async connect(options = {}) {
      const socket = await openSocket({ url: wsUrl, ...options });
      sockets.add(socket);
      return socket;
    },
    async restart() {
      throw new Error('what fills a disk ends with the connection that does');
    },
    // As many as it has: SQLite takes the present number where the limit is below it.
    fill: async (service) => void (await limit(service, 1)),
    clear: async (service) => void (await limit(service, NO_LIMIT)),
    async stop() {
      for (const socket of sockets) socket.terminate();
      await process.stop();
    },
  };
}

/** The module, with the database that it opens kept for the test. */
function keeping(databases: Map<ServiceName, Database<unknown>>, module: AnyModule): AnyModule {
  return {
    ...module,
    create: (config: Record<string, unknown>, host: ServiceHost): Promise<RunningService> =>
      module.create(config, {
        ...host,
        async openDatabase<S>(migrations: Parameters<ServiceHost['openDatabase']>[0]) {
          const database = await host.openDatabase<S>(migrations);
          databases.set(host.name, database as Database<unknown>);
          return database;
        },
      }),
  };
}
