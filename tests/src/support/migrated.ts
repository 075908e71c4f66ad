import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { createLogger } from '@im/common/telemetry/log.ts';
import { createImClient, type ImClient } from '@im/common/testing/client/http.ts';
import { claimPorts } from '@im/common/testing/stack/ports.ts';
import type { StackAddresses } from '@im/common/testing/stack-addresses.ts';
import { openTestRedis } from '@im/common/testing/test-redis.ts';
import { createConnection } from 'mysql2/promise';
import { type Child, startChild } from '../child.ts';
import { type ClusterPlace, makeClusterPlace, type RunningCluster, startCluster } from './cluster.ts';

const COMMAND = join(import.meta.dirname, '../../../scripts/migrate.ts');
const CHEAP_PASSWORDS = { memoryKiB: 8, passes: 1 };

/** A cluster's place that data is carried to with the command, and the cluster that starts there. */
export interface Migration {
  readonly place: ClusterPlace;
  /** What the command writes the keys to. */
  readonly envFile: string;
  /** Starts `npm run migrate -- embedded-to-cluster`, on MySQL at this address or its own. */
  carry(dataDir: string, options?: { mysqlServer?: string; page?: number }): Child;
  /** Runs `npm run migrate -- after-restore`. */
  afterRestore(...args: string[]): Child;
  /** Runs a statement in the schema of a service. */
  query<Row = Record<string, unknown>>(service: string, text: string): Promise<Row[]>;
  /** Starts the cluster with the keys of the env file. */
  start(): Promise<{ cluster: RunningCluster; client: ImClient; adminKey: string }>;
  stop(): Promise<void>;
  /** Stops the cluster and removes everything of it. */
  remove(): Promise<void>;
}

export async function createMigration(stack: StackAddresses): Promise<Migration> {
  const place = await makeClusterPlace(stack);
  const folder = mkdtempSync(join(tmpdir(), 'im-migrate-'));
  const envFile = join(folder, 'cluster.env');
  const children: Child[] = [];
  let cluster: RunningCluster | undefined;

  function run(command: string, args: readonly string[], mysqlServer = stack.mysqlUrl): Child {
    const addresses = [
      '--mysql',
      `${mysqlServer.replace(/\/$/, '')}/${place.name}_{service}`,
      '--sessions',
      place.sessionsUrl,
    ];
    const child = startChild(COMMAND, { cwd: folder, args: [command, ...addresses, ...args] });
    children.push(child);
    return child;
  }

  return {
    place,
    envFile,
    carry: (dataDir, { mysqlServer, page } = {}) =>
      run(
        'embedded-to-cluster',
        ['--data', dataDir, '--env', envFile, ...(page === undefined ? [] : ['--page', String(page)])],
        mysqlServer,
      ),
    afterRestore: (...args) => run('after-restore', args),
    async query<Row>(service: string, text: string) {
      const connection = await createConnection(
        `${stack.mysqlUrl.replace(/\/$/, '')}/${place.name}_${service}`,
      );
      const [rows] = await connection.query(text);
      await connection.end();
      return rows as Row[];
    },
    async start() {
      const settings = parseEnv(readFileSync(envFile, 'utf8'));
      const ports = await claimPorts(4);
      const adminKey = settings.IM_ADMIN_KEY!;
      cluster = await startCluster({
        place,
        dataDir: folder,
        services: { 'user-service': { password: CHEAP_PASSWORDS } },
        adminKey,
        secrets: {
          signingKeys: JSON.parse(settings.IM_SIGNING_KEYS!),
          refreshSecret: settings.IM_REFRESH_SECRET,
        },
        now: undefined,
        log: createLogger({ level: 'silent' }),
        httpPorts: ports.slice(0, 2),
        wsPorts: ports.slice(2),
      });
      return { cluster, client: createImClient(cluster.httpUrls[0]!), adminKey };
    },
    async stop() {
      await cluster?.stop();
      cluster = undefined;
    },
    async remove() {
      for (const child of children) {
        child.signal('SIGKILL');
        await child.exit();
      }
      await cluster?.stop();
      await place.remove();
      const redis = await openTestRedis(stack.sessionRedisUrl, { keyPrefix: `${place.name}:` });
      await redis.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
