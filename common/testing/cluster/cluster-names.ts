import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import type { ServiceName } from '../../service/names.ts';
import type { StackAddresses } from '../stack-addresses.ts';

const WITH_DATABASE: readonly ServiceName[] = [
  'user-service',
  'friend-service',
  'group-service',
  'chat-service',
];

/** Where a cluster keeps what it stores, as its settings say it: names of its own on servers that others may use too. */
export interface ClusterNames {
  /** Not guessable, and in all the others. */
  readonly name: string;
  /** `mysql://…/<schema>` of a service that has one. */
  databaseOf(service: ServiceName): string | undefined;
  readonly cache: string;
  readonly sessions: string;
  readonly bus: string;
  readonly topic: string;
  readonly registry: string;
  /** Drops the schemas. */
  remove(): Promise<void>;
}

/** Makes a schema for each service that has one; topic and key prefixes need no making. */
export async function makeClusterNames(stack: StackAddresses): Promise<ClusterNames> {
  const name = `im_test_${randomBytes(6).toString('hex')}`;
  const schemaOf = (service: ServiceName) => `${name}_${service.replace('-service', '')}`;
  const run = async (statement: (schema: string) => string) => {
    const connection = await createConnection(stack.mysqlUrl);
    for (const service of WITH_DATABASE) await connection.query(statement(schemaOf(service)));
    await connection.end();
  };
  await run((schema) => `CREATE DATABASE \`${schema}\``);
  return {
    name,
    databaseOf: (service) =>
      WITH_DATABASE.includes(service)
        ? `${stack.mysqlUrl.replace(/\/$/, '')}/${schemaOf(service)}`
        : undefined,
    cache: `${stack.redisUrl}?prefix=${name}:`,
    sessions: `${stack.sessionRedisUrl}?prefix=${name}:`,
    bus: `kafka://${stack.kafkaBrokers}/${name}`,
    topic: name,
    registry: `etcd://${stack.etcdHosts}/${name}/`,
    remove: () => run((schema) => `DROP DATABASE IF EXISTS \`${schema}\``),
  };
}
