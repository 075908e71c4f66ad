import { join } from 'node:path';
import type { ServiceName } from '../service/names.ts';
import type { PortSettings } from '../service/port-settings.ts';
import type { MysqlSchema } from './mysql-schema.ts';
import { makeTestSchema, querySqlite, testEngine } from './test-store.ts';

/** Services whose stores run on MySQL too. */
const ON_MYSQL: readonly ServiceName[] = ['user-service', 'friend-service', 'group-service', 'chat-service'];

/** Where the databases of a test's process are: files in its folder, or MySQL schemas of its own. */
export interface TestDatabases {
  readonly settings: PortSettings['databases'];
  /** Runs one statement on a service's database, beside the service. */
  query(service: ServiceName, sql: string): Promise<Record<string, unknown>[]>;
  remove(): Promise<void>;
}

/** Makes a schema for each of these services where the test run asks for MySQL. */
export async function makeTestDatabases(
  services: readonly ServiceName[],
  dataDir: string,
): Promise<TestDatabases> {
  const schemas = new Map<ServiceName, MysqlSchema>();
  if (testEngine() === 'mysql') {
    for (const service of services) {
      if (ON_MYSQL.includes(service)) schemas.set(service, await makeTestSchema());
    }
  }
  return {
    settings: Object.fromEntries(
      [...schemas].map(([service, { url }]) => [service, { engine: 'mysql' as const, url }]),
    ),
    query: async (service, sql) =>
      schemas.get(service)?.query(sql) ?? querySqlite(join(dataDir, `${service}.db`), sql),
    async remove() {
      for (const schema of schemas.values()) await schema.drop();
    },
  };
}
