import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
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
import { refuseUpgrade } from './refuse-upgrade.ts';

/** Spoken subprotocols; the first also with clients that ask for none. */
const CODECS: readonly Codec[] = [jsonCodec, protoCodec];

export const SOCKET_PATH = '/ws';

/** Turns an HTTP request into a socket, or refuses it. Fits the `upgrade` event of any HTTP server. */
export type HandleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export function createUpgrade(context: GatewayContext): HandleUpgrade {
  const { allowedOrigins, host, maxFrameBytes, maxSockets } = context.config;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Measured: compressing each message costs eight times the CPU.
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    handleProtocols: (asked) =>
      CODECS.find(({ subprotocol }) => asked.has(subprotocol))?.subprotocol ?? false,
  });
  const policy = { allowedOrigins, boundHost: host };

  return (request, socket, head) => {
    const { origin, host: requestHost } = request.headers;
    if (request.url?.split('?')[0] !== SOCKET_PATH) {
      return refuseUpgrade(socket, 404, `sockets are served at ${SOCKET_PATH}`);
    }
    if (context.phase !== 'serving') return refuseUpgrade(socket, 503, 'not serving at the moment');
    if (context.sockets.size >= maxSockets) return refuseUpgrade(socket, 503, 'too many sockets');
    if (!isOriginAllowed(origin, requestHost, policy)) {
      return refuseUpgrade(socket, 403, 'this origin may not connect');
    }
    if (!isSubprotocolKnown(request.headers['sec-websocket-protocol'])) {
      return refuseUpgrade(socket, 400, `speak ${CODECS.map(({ subprotocol }) => subprotocol).join(' or ')}`);
    }
    server.handleUpgrade(request, socket, head, (ws) => follow(context, ws, socket, request));
  };
}

function isSubprotocolKnown(header: string | undefined): boolean {
  if (header === undefined) return true;
  const asked = header.split(',').map((name) => name.trim());
  return CODECS.some(({ subprotocol }) => asked.includes(subprotocol));
}

function follow(context: GatewayContext, ws: WebSocket, socket: Duplex, request: IncomingMessage): void {
  const codec = CODECS.find(({ subprotocol }) => subprotocol === ws.protocol) ?? jsonCodec;
  const address = request.socket.remoteAddress ?? '';
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
