import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@im/common/telemetry/log.ts';
import { createImClient, type ImClient } from '@im/common/testing/client/http.ts';
import { type ImSocket, openSocket, type SocketOptions } from '@im/common/testing/client/socket.ts';
import { type RunningServer, type ServerOptions, startServer } from '@im/server';

/** The least argon2 takes, so that tests with passwords cost next to nothing. */
const CHEAP_PASSWORDS = { memoryKiB: 8, passes: 1 };

export type ProductOptions = Pick<ServerOptions, 'services' | 'now'>;

/** The whole product in this process, on free ports and a temporary folder. */
export interface Product {
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
  /** Stops it and removes the folder. */
  stop(): Promise<void>;
}

/** Starts it, quietly. Stop it in an `afterAll`. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const dataDir = mkdtempSync(join(tmpdir(), 'im-product-'));
  const log = createLogger({ level: 'silent' });
  const userService = { password: CHEAP_PASSWORDS, ...options.services?.['user-service'] };
  const services = { ...options.services, 'user-service': userService };
  let server: RunningServer;
  try {
    server = await startServer({ ...options, services, dataDir, log });
  } catch (error) {
    rmSync(dataDir, { recursive: true });
    throw error;
  }
  const sockets = new Set<ImSocket>();
  const client = createImClient(server.httpUrl);
  const adminKey = readFileSync(server.adminKeyFile, 'utf8').trim();
  return {
    server,
    client,
    admin: client.as(adminKey),
    adminKey,
    wsUrlOfHttpPort: `${server.httpUrl.replace('http', 'ws')}/ws`,
    async connect(socketOptions = {}) {
      const socket = await openSocket({ url: server.wsUrl, ...socketOptions });
      sockets.add(socket);
      return socket;
    },
    async stop() {
      for (const socket of sockets) socket.terminate();
      await server.stop();
      rmSync(dataDir, { recursive: true });
    },
  };
}
