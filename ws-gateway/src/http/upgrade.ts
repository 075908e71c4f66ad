import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { retryAfterMs } from '@im/common/errors/error-body.ts';
import { isUnexpected, normalizeError } from '@im/common/errors/normalize-error.ts';
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
import { refuseUpgrade } from './refuse-upgrade.ts';

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

  function refusal(request: IncomingMessage): readonly [status: number, why: string] | undefined {
    const { origin, host: requestHost } = request.headers;
    if (request.url?.split('?')[0] !== SOCKET_PATH) return [404, `sockets are served at ${SOCKET_PATH}`];
    if (context.phase !== 'serving') return [503, 'not serving at the moment'];
    if (context.sockets.size >= maxSockets) return [503, 'too many sockets'];
    if (!isOriginAllowed(origin, requestHost, policy)) return [403, 'this origin may not connect'];
    if (!isSubprotocolKnown(request.headers['sec-websocket-protocol'])) {
      return [400, `speak ${CODECS.map(({ subprotocol }) => subprotocol).join(' or ')}`];
    }
    return undefined;
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const early = refusal(request);
    if (early !== undefined) return refuseUpgrade(socket, ...early);
    const address = addressOf(request);
    await newSockets.take(address);
    // It may have become too late meanwhile.
    const late = refusal(request);
    if (late !== undefined) return refuseUpgrade(socket, ...late);
    server.handleUpgrade(request, socket, head, (ws) => follow(context, ws, socket, address));
  }

  return (request, socket, head) => {
    // A client that goes before anybody else listens.
    const ignore = () => {};
    socket.on('error', ignore);
    upgrade(request, socket, head)
      .catch((error: unknown) => refuseForError(context, socket, error))
      .finally(() => socket.off('error', ignore));
  };
}

function refuseForError(context: GatewayContext, socket: Duplex, error: unknown): void {
  if (isUnexpected(error)) context.log.error({ err: error }, 'an upgrade failed');
  const refused = normalizeError(error);
  const waitMs = retryAfterMs(refused);
  const seconds = waitMs === undefined ? undefined : Math.max(1, Math.ceil(waitMs / 1_000));
  refuseUpgrade(socket, refused.httpStatus, `${refused.reason}: ${refused.message}`, seconds);
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
  // What is wrong with a frame `ws` answers with its close code (1009, 1007); a broken network needs no word.
  ws.on('error', (error) => context.log.debug({ err: error }, 'socket error'));
  ws.on('close', (code) => connectionGone(context, connection, code));
  connection.timer = setTimeout(() => {
    closeConnection(context, connection, CLOSE.helloTooLate, 'no hello');
  }, context.config.helloTimeoutMs);
}
