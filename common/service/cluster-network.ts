import { networkInterfaces } from 'node:os';
import type { Registry } from '../registry/registry.ts';
import type { Balancer } from '../rpc/grpc/balancer.ts';
import { createGrpcServer } from '../rpc/grpc/server.ts';
import type { GrpcTls } from '../rpc/grpc/tls.ts';
import { createGrpcTransport } from '../rpc/grpc/transport.ts';
import { createLocalNetwork } from '../rpc/local-network.ts';
import type { RpcNetwork } from '../rpc/network.ts';
import type { TransportCall } from '../rpc/transport.ts';
import type { Logger } from '../telemetry/log.ts';
import { delay } from '../utils/wait.ts';
import type { RpcSetting } from './port-settings.ts';

/** How long callers have to notice that an instance is about to go, in milliseconds. */
const NOTICE_MS = 1_000;

const ANY_ADDRESS = new Set(['0.0.0.0', '::', '[::]']);

export interface ClusterNetworkOptions {
  registry: Registry;
  rpc: Omit<RpcSetting, 'tls'>;
  /** Without it nothing is encrypted. */
  tls?: GrpcTls | undefined;
  bootId: string;
  balancer: Balancer;
  isReady: () => boolean;
  log: Logger;
}

export interface ClusterNetwork extends RpcNetwork {
  /** Where others call this process: `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * The network of a process that is one of many: the services that run here are
 * called without a wire, all others over gRPC.
 */
export async function openClusterNetwork(options: ClusterNetworkOptions): Promise<ClusterNetwork> {
  const { registry, rpc, tls, bootId, log, balancer, isReady } = options;
  const local = createLocalNetwork();
  const server = await createGrpcServer({ host: rpc.host, port: rpc.port, tls, bootId, log, isReady });
  const remote = createGrpcTransport({ discovery: registry, tls, log, balancer });
  const address = `${rpc.advertise || ownAddress(rpc.host)}:${server.port}`;

  function isHere({ target, instance }: TransportCall): boolean {
    return local.discovery
      .follow(target)
      .current()
      .some(({ bootId: here }) => instance === undefined || instance === here);
  }
  const pick = (call: TransportCall) => (isHere(call) ? local.transport : remote);

  return {
    address,
    transport: {
      unary: (method, request, call) => pick(call).unary(method, request, call),
      bidi: (method, requests, call) => pick(call).bidi(method, requests, call),
    },
    discovery: registry,
    add(rpcServer, instance) {
      const removeHere = local.add(rpcServer, instance);
      const removeThere = server.add(rpcServer);
      return () => {
        removeThere();
        removeHere();
      };
    },
    async announce(service, signal) {
      const registration = await registry.register(service, { address, bootId }, signal);
      return async () => {
        await registration.revoke();
        await delay(NOTICE_MS);
      };
    },
    async close() {
      remote.close();
      await server.close();
    },
  };
}

/** What others reach this machine by, where it listens on any of its addresses. */
function ownAddress(host: string): string {
  if (!ANY_ADDRESS.has(host)) return host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host;
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.find((each) => each?.family === 'IPv4' && !each.internal)?.address ?? '127.0.0.1';
}
