import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { Instance } from '../../../registry/registry.ts';
import { createStaticRegistry } from '../../../registry/registry-static.ts';
import type { Connection } from '../../conformance/network.ts';
import type { RpcServer } from '../../server.ts';
import { createGrpcServer, type GrpcServer, type GrpcServerOptions } from '../server.ts';
import { createGrpcTransport, type GrpcTransport, type GrpcTransportOptions } from '../transport.ts';

/** Servers of a test, each listening as a process of its own would, and a transport that finds them. */
export interface GrpcCluster extends Connection {
  readonly transport: GrpcTransport;
  /** Those that were started here, in order. */
  readonly servers: readonly GrpcServer[];
  /** Makes an instance findable, whoever runs it; returns what takes it away. */
  announce(service: RpcServer['service'], instance: Instance): Promise<() => Promise<void>>;
}

export interface GrpcClusterOptions {
  server?: Partial<GrpcServerOptions>;
  transport?: Partial<GrpcTransportOptions>;
}

export function createGrpcCluster(options: GrpcClusterOptions = {}): GrpcCluster {
  const log = pino({ level: 'silent' });
  const registry = createStaticRegistry({ log });
  const transport = createGrpcTransport({ discovery: registry, log, ...options.transport });
  const servers: GrpcServer[] = [];
  const remove: (() => void)[] = [];

  async function announce(service: RpcServer['service'], instance: Instance) {
    const { revoke } = await registry.register(service, instance);
    return revoke;
  }

  return {
    transport,
    servers,
    announce,
    async serve(server, bootId = randomUUID()) {
      const grpc = await createGrpcServer({ host: '127.0.0.1', port: 0, bootId, log, ...options.server });
      servers.push(grpc);
      remove.push(grpc.add(server));
      await announce(server.service, { address: `127.0.0.1:${grpc.port}`, bootId });
    },
    async close() {
      for (const takeAway of remove) takeAway();
      transport.close();
      await Promise.all(servers.map((server) => server.close()));
      await registry.close();
    },
  };
}
