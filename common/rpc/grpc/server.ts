import type { DescMethod, DescService, Message } from '@bufbuild/protobuf';
import { type CallContext, createServer, type ServiceImplementation } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { ServerReflectionService } from 'nice-grpc-server-reflection';
import { ImError } from '../../errors/im-error.ts';
import type { ServiceName } from '../../service/names.ts';
import type { Logger } from '../../telemetry/log.ts';
import { within } from '../../utils/wait.ts';
import { mapIterable } from '../map-iterable.ts';
import { INSTANCE_KEY, type Metadata } from '../metadata.ts';
import type { IncomingCall, RpcServer } from '../server.ts';
import { CONTRACTS } from '../service-of.ts';
import { type BytesDefinition, definitionOf } from './definition.ts';
import { healthOf } from './health.ts';
import { serverOptions } from './options.ts';
import { reflectionOf } from './reflection.ts';
import { untilEnd } from './request-end.ts';
import { toServerError } from './status.ts';
import { type GrpcTls, serverCredentials } from './tls.ts';
import { decodeMessage, encodeMessage } from './wire.ts';
import { fromGrpcMetadata } from './wire-metadata.ts';

/** How long connections may take to close once nothing is served over them any more; milliseconds. */
const CLOSE_MS = 1_000;

export interface GrpcServerOptions {
  /** Where to listen: an address or a host name. */
  host: string;
  /** 0 is a free port. */
  port: number;
  bootId: string;
  log: Logger;
  /** What health says of the process; always ready if left out. */
  isReady?: (() => boolean) | undefined;
  /** Without it connections are not encrypted and anybody may connect. */
  tls?: GrpcTls | undefined;
  /** See KEEPALIVE_MS; a seam for tests. */
  keepaliveMs?: number | undefined;
}

/** What others call this process by. */
export interface GrpcServer {
  readonly port: number;
  /** Makes a service callable; returns what ends that, after which calls to it are SERVICE_AWAY. Open calls are the server's to end. */
  add(server: RpcServer): () => void;
  /** Ends all connections; what is still under way fails at its callers as SERVICE_AWAY. Stop the servers first. */
  close(): Promise<void>;
}

/**
 * Listens for calls over gRPC, health and reflection among them. Every contract
 * is known from the start, because grpc servers take no service later: one that
 * is not served here is SERVICE_AWAY. Rejects when the port cannot be had.
 */
export async function createGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { host, bootId, log, keepaliveMs } = options;
  const servers = new Map<ServiceName, RpcServer>();
  /** Full names of the contracts that are served; reflection reads it. */
  const served: string[] = [];
  const ending = new AbortController();

  function serverFor(service: ServiceName, metadata: Metadata): RpcServer {
    const wanted = metadata[INSTANCE_KEY];
    const server = wanted === undefined || wanted === bootId ? servers.get(service) : undefined;
    if (server === undefined) throw new ImError('SERVICE_AWAY', `${service} is not there`);
    return server;
  }

  const grpc = createServer(serverOptions(keepaliveMs));
  for (const [contract, service] of CONTRACTS) {
    const find = (metadata: Metadata) => serverFor(service, metadata);
    grpc.add(definitionOf(contract), implementationOf(contract, find));
  }
  const isServed = (contract: string) => served.includes(contract);
  grpc.add(HealthDefinition, healthOf(options.isReady ?? (() => true), isServed, ending.signal));
  grpc.add(ServerReflectionService, reflectionOf(served));
  const address = `${host.includes(':') ? `[${host}]` : host}:${options.port}`;
  const port = await grpc.listen(address, serverCredentials(options.tls));
  log.info({ host, port }, 'listening for calls over gRPC');

  return {
    port,
    add(server) {
      if (servers.has(server.service)) throw new Error(`${server.service} is served here already`);
      servers.set(server.service, server);
      showServed();
      return () => {
        servers.delete(server.service);
        showServed();
      };
    },
    async close() {
      ending.abort();
      await within(grpc.shutdown(), CLOSE_MS);
      grpc.forceShutdown();
    },
  };

  function showServed(): void {
    const names = CONTRACTS.filter(([, service]) => servers.has(service)).map(([{ typeName }]) => typeName);
    served.splice(0, served.length, ...names);
  }
}

/** An answer that is encoded already: of the message only its name is left. */
interface EncodedMessage extends Message {
  readonly bytes: Uint8Array;
}

type Find = (metadata: Metadata) => RpcServer;

function implementationOf(contract: DescService, find: Find): ServiceImplementation<BytesDefinition> {
  return Object.fromEntries(
    contract.methods.map((method) => [
      method.localName,
      method.methodKind === 'unary' ? unaryOf(method, find) : bidiOf(method, find),
    ]),
  ) as ServiceImplementation<BytesDefinition>;
}

function unaryOf(method: DescMethod, find: Find) {
  return async (bytes: Uint8Array, context: CallContext): Promise<Uint8Array> => {
    try {
      const incoming = incomingCall(method, context);
      const server = find(incoming.metadata);
      return bytesOf(await server.unary(method, decodeMessage(method.input, bytes), incoming));
    } catch (error) {
      throw toServerError(error, context.trailer);
    }
  };
}

function bidiOf(method: DescMethod, find: Find) {
  return (requests: AsyncIterable<Uint8Array>, context: CallContext): AsyncIterable<Uint8Array> => {
    const toError = (error: unknown) => toServerError(error, context.trailer);
    try {
      const incoming = incomingCall(method, context);
      const messages = mapIterable(untilEnd(requests, context.signal), (bytes) =>
        decodeMessage(method.input, bytes),
      );
      return mapIterable(find(incoming.metadata).bidi(method, messages, incoming), bytesOf, toError);
    } catch (error) {
      throw toError(error);
    }
  };
}

function incomingCall(method: DescMethod, { metadata, signal }: CallContext): IncomingCall {
  return {
    metadata: fromGrpcMetadata(metadata),
    signal,
    encode: (answer): EncodedMessage => ({
      $typeName: answer.$typeName,
      bytes: encodeMessage(method.output, answer),
    }),
  };
}

function bytesOf(answer: Message): Uint8Array {
  return (answer as EncodedMessage).bytes;
}
