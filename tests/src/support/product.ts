import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@im/common/telemetry/log.ts';
import { createImClient, type ImClient } from '@im/common/testing/client/http.ts';
import { type ImSocket, openSocket, type SocketOptions } from '@im/common/testing/client/socket.ts';
import { type RunningServer, type ServerOptions, startServer } from '@im/server';
import { startProductCluster } from './product-cluster.ts';
import { clusterServers } from './way.ts';

/** The least argon2 takes, so that tests with passwords cost next to nothing. */
const CHEAP_PASSWORDS = { memoryKiB: 8, passes: 1 };

export type ProductOptions = Pick<ServerOptions, 'services' | 'now' | 'kit' | 'traces'>;

/** What tests use of a server, whichever way the product runs. */
export interface ProductServer
  extends Pick<RunningServer, 'httpUrl' | 'wsUrl' | 'adminUrl' | 'dataDir' | 'client' | 'stop'> {
  /** Of all gateways; `wsUrl` is one of them. */
  readonly wsUrls: readonly string[];
}

/** The whole product, on free ports and a temporary folder. */
export interface Product {
  /** The one that runs at the moment. */
  readonly server: ProductServer;
  /** Speaks for nobody. */
  readonly client: ImClient;
  /** Speaks with the first API key. */
  readonly admin: ImClient;
  readonly adminKey: string;
  /** Another way in: `/ws` on the HTTP port of the one process, the other gateway of a cluster. */
  readonly otherWsUrl: string;
  /** A socket that has not said hello. Cut when the product stops, if it is still there. */
  connect(options?: Partial<SocketOptions>): Promise<ImSocket>;
  /** Stops it cleanly and starts it on the same data and ports. */
  restart(): Promise<void>;
  /** Stops it and removes the folder. */
  stop(): Promise<void>;
}

/** Starts it, quietly, as one process or as a cluster. Stop it in an `afterAll`. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const dataDir = mkdtempSync(join(tmpdir(), 'im-product-'));
  const userService = { password: CHEAP_PASSWORDS, ...options.services?.['user-service'] };
  const services = { ...options.services, 'user-service': userService };
  const servers = clusterServers();
  let running: Started;
  try {
    running =
      servers === undefined
        ? await startOneProcess({ ...options, services, dataDir })
        : await startProductCluster(servers, dataDir, { ...options, services });
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
  const { adminKey } = running;
  const sockets = new Set<ImSocket>();
  const client = createImClient(running.server.httpUrl);
  return {
    get server() {
      return running.server;
    },
    client,
    admin: client.as(adminKey),
    adminKey,
    otherWsUrl: running.server.wsUrls[1] ?? `${running.server.httpUrl.replace('http', 'ws')}/ws`,
    async connect(socketOptions = {}) {
      const socket = await openSocket({ url: running.server.wsUrl, ...socketOptions });
      sockets.add(socket);
      return socket;
    },
    restart: running.restart,
    async stop() {
      for (const socket of sockets) socket.terminate();
      await running.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

interface Started {
  readonly server: ProductServer;
  readonly adminKey: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

async function startOneProcess(options: ProductOptions & { dataDir: string }): Promise<Started> {
  const log = createLogger({ level: 'silent' });
  const start = (ports: Partial<ServerOptions> = {}) => startServer({ ...options, ...ports, log });
  let server = await start();
  const ports = { httpPort: portOf(server.httpUrl), wsPort: portOf(server.wsUrl) };
  return {
    get server() {
      return { ...server, wsUrls: [server.wsUrl] };
    },
    adminKey: readFileSync(server.adminKeyFile, 'utf8').trim(),
    async restart() {
      await server.stop();
      server = await start(ports);
    },
    stop: () => server.stop(),
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
