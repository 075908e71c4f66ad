import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@im/common/telemetry/log.ts';
import { createImClient, type ImClient } from '@im/common/testing/client/http.ts';
import { type ImSocket, openSocket, type SocketOptions } from '@im/common/testing/client/socket.ts';
import { type RunningServer, type ServerOptions, startServer } from '@im/server';

/** The least argon2 takes, so that tests with passwords cost next to nothing. */
const CHEAP_PASSWORDS = { memoryKiB: 8, passes: 1 };

export type ProductOptions = Pick<ServerOptions, 'services' | 'now' | 'kit'>;

/** The whole product in this process, on free ports and a temporary folder. */
export interface Product {
  /** The one that runs at the moment. */
  readonly server: RunningServer;
  /** Speaks for nobody. */
  readonly client: ImClient;
  /** Speaks with the first API key. */
  readonly admin: ImClient;
  readonly adminKey: string;
  /** The same `/ws` on the HTTP port. */
  readonly wsUrlOfHttpPort: string;
  /** A socket that has not said hello. Cut when the product stops, if it is still there. */
  connect(options?: Partial<SocketOptions>): Promise<ImSocket>;
  /** Stops it cleanly and starts it on the same data and ports. */
  restart(): Promise<void>;
  /** Stops it and removes the folder. */
  stop(): Promise<void>;
}

/** Starts it, quietly. Stop it in an `afterAll`. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const dataDir = mkdtempSync(join(tmpdir(), 'im-product-'));
  const log = createLogger({ level: 'silent' });
  const userService = { password: CHEAP_PASSWORDS, ...options.services?.['user-service'] };
  const services = { ...options.services, 'user-service': userService };
  const start = (ports: Partial<ServerOptions> = {}) =>
    startServer({ ...options, ...ports, services, dataDir, log });
  let server: RunningServer;
  try {
    server = await start();
  } catch (error) {
    rmSync(dataDir, { recursive: true });
    throw error;
  }
  const ports = { httpPort: portOf(server.httpUrl), wsPort: portOf(server.wsUrl) };
  const sockets = new Set<ImSocket>();
  const client = createImClient(server.httpUrl);
  const adminKey = readFileSync(server.adminKeyFile, 'utf8').trim();
  return {
    get server() {
      return server;
    },
    client,
    admin: client.as(adminKey),
    adminKey,
    wsUrlOfHttpPort: `${server.httpUrl.replace('http', 'ws')}/ws`,
    async connect(socketOptions = {}) {
      const socket = await openSocket({ url: server.wsUrl, ...socketOptions });
      sockets.add(socket);
      return socket;
    },
    async restart() {
      await server.stop();
      server = await start(ports);
    },
    async stop() {
      for (const socket of sockets) socket.terminate();
      await server.stop();
      rmSync(dataDir, { recursive: true });
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
