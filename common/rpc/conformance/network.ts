import { pino } from 'pino';
import { Registry } from 'prom-client';
import { generateServiceKeys, publicServiceKeys } from '../../identity/service-keys.ts';
import { createServiceTokenIssuer, createServiceTokenVerifier } from '../../identity/service-tokens.ts';
import { SERVICE_NAMES, type ServiceName } from '../../service/names.ts';
import type { Traces } from '../../telemetry/traces.ts';
import { createRpcClient } from '../client.ts';
import { createRpcServer, type RpcServer } from '../server.ts';
import { serviceOf } from '../service-of.ts';
import type { Transport } from '../transport.ts';
import type { AnyService, RpcBinding, RpcClient, RpcHandlers } from '../types.ts';

/** A way to connect clients and servers, fresh and empty. */
export interface Connection {
  readonly transport: Transport;
  /** Makes a server reachable. */
  serve(server: RpcServer, instance?: string): Promise<void>;
  close(): Promise<void>;
}

/** Servers and clients of a test, on one connection. */
export interface TestNetwork {
  readonly connection: Connection;
  /** What the servers logged, oldest first. */
  readonly logged: Record<string, unknown>[];
  readonly metrics: Registry;
  /** The clock of the tokens, milliseconds since 1970. */
  now: number;
  /** Serves the handlers given, which need not be all of a contract. */
  serve<S extends AnyService>(
    contract: S,
    handlers: Partial<RpcHandlers<S>>,
    options?: { instance?: string; slowCallMs?: number; traces?: Traces },
  ): Promise<RpcServer>;
  /** A client whose calls are those of service `as`. */
  client<S extends AnyService>(contract: S, as: ServiceName, options?: { traces?: Traces }): RpcClient<S>;
  /** A client that shows `token` whatever it calls; '' is no token. */
  clientWithToken<S extends AnyService>(contract: S, token: string): RpcClient<S>;
  /** A token of `issuer` for `audience`. */
  token(issuer: ServiceName, audience: ServiceName): Promise<string>;
  close(): Promise<void>;
}

export async function createTestNetwork(connect: () => Promise<Connection>): Promise<TestNetwork> {
  const connection = await connect();
  const keys = generateServiceKeys(SERVICE_NAMES);
  const metrics = new Registry();
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(JSON.parse(line)) });
  const servers: RpcServer[] = [];

  const issuer = (service: ServiceName) =>
    createServiceTokenIssuer({ service, privateKey: keys[service].privateKey, now: () => network.now });

  const network: TestNetwork = {
    connection,
    logged,
    metrics,
    now: Date.parse('2026-01-01T00:00:00Z'),
    async serve(contract, handlers, options = {}) {
      const service = serviceOf(contract);
      const binding: RpcBinding = { service: contract, handlers: handlers as Record<string, unknown> };
      const tokens = createServiceTokenVerifier({
        service,
        publicKeysByService: publicServiceKeys(keys),
        now: () => network.now,
      });
      const server = createRpcServer({
        service,
        bindings: [binding],
        tokens,
        log,
        metrics,
        slowCallMs: options.slowCallMs,
        traces: options.traces,
      });
      servers.push(server);
      await connection.serve(server, options.instance);
      return server;
    },
    client: (contract, as, { traces } = {}) =>
      createRpcClient(contract, { transport: connection.transport, tokens: issuer(as), metrics, traces }),
    clientWithToken: (contract, token) =>
      createRpcClient(contract, {
        transport: connection.transport,
        tokens: { token: () => token },
        metrics,
      }),
    token: async (service, audience) => issuer(service).token(audience),
    async close() {
      await Promise.all(servers.map((server) => server.stop()));
      await connection.close();
    },
  };
  return network;
}
