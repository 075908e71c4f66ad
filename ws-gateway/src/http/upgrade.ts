import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ImError } from '@im/common/errors/im-error.ts';
import { isUnexpected, normalizeError } from '@im/common/errors/normalize-error.ts';
import { endWithError } from '@im/common/http/raw-error.ts';
import { forAddresses } from '@im/common/limits/address-limit.ts';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Codec } from '../codec/codec.ts';
import { jsonCodec } from '../codec/json.ts';
import { protoCodec } from '../codec/proto.ts';
import { closeConnection, connectionGone } from '../connection/close.ts';
import { openConnection } from '../connection/open.ts';
import type { GatewayContext } from '../context.ts';
import { CLOSE } from '../domain/close-codes.ts';
import { isOriginAllowed } from '../domain/origin.ts';
import { noteFrame, receive } from '../frames/receive.ts';
import { createClientAddress } from './client-address.ts';

/** Spoken subprotocols; the first also with clients that ask for none. */
const CODECS: readonly Codec[] = [jsonCodec, protoCodec];

export const SOCKET_PATH = '/ws';

/** Turns an HTTP request into a socket, or refuses it. Fits the `upgrade` event of any HTTP server. */
export type HandleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export function createUpgrade(context: GatewayContext): HandleUpgrade {
  const { allowedOrigins, host, maxFrameBytes, maxSockets, socketsPerMinutePerAddress, trustedProxies } =
    context.config;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Measured: compressing each message costs eight times the CPU.
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    // As many as frames may come at once: a socket that pings more is closed by our own limit, which says so.
    ...{ maxPendingAutoPongs: context.config.frameBurst },
    // Left to the codec, which closes with the contract's own code.
    skipUTF8Validation: true,
    // The client's order says what it prefers.
    handleProtocols: (asked) =>
      [...asked].find((name) => CODECS.some(({ subprotocol }) => subprotocol === name)) ?? false,
  });
  const policy = { allowedOrigins, boundHost: host };

  const addressOf = createClientAddress(trustedProxies);
  const newSockets = forAddresses(
    context.rateLimits.perMinute({
      name: 'sockets-of-address',
      most: socketsPerMinutePerAddress,
      what: 'new sockets',
    }),
  );

  /** Throws the refusal of a request that is to have no socket. */
  function requireWelcome(request: IncomingMessage): void {
    const { origin, host: requestHost } = request.headers;
    if (request.url?.split('?')[0] !== SOCKET_PATH) throw nothingElse();
    if (context.phase !== 'serving') throw new ImError('SHUTTING_DOWN', 'not serving at the moment');
    if (context.sockets.size >= maxSockets) throw new ImError('OVERLOADED', 'too many sockets');
    if (!isOriginAllowed(origin, requestHost, policy)) {
      throw new ImError('ORIGIN_NOT_ALLOWED', 'this origin may not connect');
    }
    if (!isSubprotocolKnown(request.headers['sec-websocket-protocol'])) {
      const names = CODECS.map(({ subprotocol }) => subprotocol).join(' or ');
      throw new ImError('INVALID_FIELD', `speak ${names}`, { field: 'Sec-WebSocket-Protocol' });
    }
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    requireWelcome(request);
    const address = addressOf(request);
    await newSockets.take(address);
    // It may have become too late meanwhile.
    requireWelcome(request);
    server.handleUpgrade(request, socket, head, (ws) => follow(context, ws, socket, address));
  }

  // What `ws` itself would refuse with a page of HTML.
  server.on('wsClientError', (error, socket, { headers }) => {
    endWithError(socket, headers, new ImError('MALFORMED_BODY', error.message));
  });

  return (request, socket, head) => {
    // A client that goes before anybody else listens.
    const ignore = () => {};
    socket.on('error', ignore);
    upgrade(request, socket, head)
      .catch((error: unknown) => refuse(context, request, socket, error))
      .finally(() => socket.off('error', ignore));
  };
}

/** What is said of any path but that of sockets. */
export function nothingElse(): ImError {
  return new ImError('ROUTE_NOT_FOUND', `sockets are served at ${SOCKET_PATH}, nothing else is`);
}

function refuse(context: GatewayContext, { headers }: IncomingMessage, socket: Duplex, error: unknown): void {
  if (isUnexpected(error)) context.log.error({ err: error }, 'an upgrade failed');
  endWithError(socket, headers, normalizeError(error));
}

function isSubprotocolKnown(header: string | undefined): boolean {
  if (header === undefined) return true;
  const asked = header.split(',').map((name) => name.trim());
  return CODECS.some(({ subprotocol }) => asked.includes(subprotocol));
}

function follow(context: GatewayContext, ws: WebSocket, socket: Duplex, address: string): void {
  const codec = CODECS.find(({ subprotocol }) => subprotocol === ws.protocol) ?? jsonCodec;
  const connection = openConnection(context, { ws, socket, codec, address });
  ws.on('message', (payload, isBinary) => receive(context, connection, payload as Buffer, isBinary));
  ws.on('ping', () => noteFrame(context, connection));
  ws.on('pong', () => noteFrame(context, connection));
  // What is wrong with a frame `ws` answers with its close code (1009); a broken network needs no word.
  ws.on('error', (error) => context.log.debug({ err: error }, 'socket error'));
  ws.on('close', (code) => connectionGone(context, connection, code));
  connection.timer = setTimeout(() => {
    closeConnection(context, connection, CLOSE.helloTooLate, 'no hello');
  }, context.config.helloTimeoutMs);
}
